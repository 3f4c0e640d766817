CREATE OR REPLACE VIEW {twin}.kpi AS
SELECT g.dimension, g.name, g.month, r.kpi, r.numerator, r.n, r.numerator / nullif(r.n, 0) AS rate, w.low, w.high,
       CASE WHEN r.n > 0 THEN rank() OVER (PARTITION BY g.dimension, g.month, r.kpi, r.n > 0
                                           ORDER BY CASE WHEN r.more_is_better THEN -r.numerator ELSE r.numerator END / nullif(r.n, 0)) END AS rank
  FROM (SELECT d.dimension, d.name, m.month,
               count(*) AS cases,
               count(*) FILTER (WHERE k.was_closed) AS closed,
               count(*) FILTER (WHERE k.is_sampled) AS sampled,
               count(*) FILTER (WHERE k.responded) AS responded,
               count(*) FILTER (WHERE k.solved_confirmed) AS confirmed,
               count(k.solved_confirmed) AS confirmations,
               count(*) FILTER (WHERE k.solved_claimed) AS claimed,
               count(k.solved_claimed) AS claims,
               coalesce(sum(k.satisfaction_weight), 0) AS satisfaction,
               count(k.satisfaction_weight) AS grades,
               count(*) FILTER (WHERE k.was_closed AND k.was_reopened) AS reopened,
               count(*) FILTER (WHERE k.was_returned) AS returned,
               count(*) FILTER (WHERE k.is_closed_loop) AS loops,
               coalesce(sum(k.clocks_met), 0) AS met, coalesce(sum(k.clocks_decided), 0)::bigint AS decided
          FROM {twin}.kpi_case k
         CROSS JOIN LATERAL (VALUES ('all', 'all'), ('source', k.source), ('category', k.category), ('district', k.district), ('street', k.street),
                                    ('community', k.community), ('handler', k.handler), ('department', k.department)) d (dimension, name)
         CROSS JOIN LATERAL (SELECT k.month WHERE k.month IS NOT NULL UNION ALL SELECT NULL) m (month)
         WHERE d.name IS NOT NULL
         GROUP BY d.dimension, d.name, m.month) g
 CROSS JOIN LATERAL (VALUES ('response', g.responded::numeric, g.sampled, true), ('solved_confirmed', g.confirmed, g.confirmations, true),
                            ('solved_claimed', g.claimed, g.claims, true), ('satisfaction', g.satisfaction, CASE WHEN g.grades > 0 THEN g.sampled ELSE 0 END, true),
                            ('on_time', g.met, g.decided, true), ('reopened', g.reopened, g.closed, false), ('returned', g.returned, g.cases, false),
                            ('closed_loop', g.loops, g.closed, true)) r (kpi, numerator, n, more_is_better)
 CROSS JOIN LATERAL {twin}.wilson(r.numerator, r.n) w;
COMMENT ON VIEW {twin}.kpi IS 'Figures by district, street, community, handler, department, category and source, in all and by month of receipt. No rank without n: read rate with low and high; ranks whose intervals overlap say little (考核指标)';
COMMENT ON COLUMN {twin}.kpi.dimension IS 'all, source, category, district, street, community, handler, department: what is compared (维度)';
COMMENT ON COLUMN {twin}.kpi.name IS 'Of that dimension (名称)';
COMMENT ON COLUMN {twin}.kpi.month IS 'First day of the month of receipt; null for all months (月份)';
COMMENT ON COLUMN {twin}.kpi.kpi IS 'response 响应率 = responded / sampled; solved_confirmed 解决率（市民确认）= reporters who say so / sampled ones of whom it is told; solved_claimed 解决率（承办方称）= handlers who say so / those who say anything; satisfaction 满意率 = Σ weight (hub.satisfaction: satisfied 1, basically satisfied w, dissatisfied 0) / sampled, those without a grade too, unless nobody gave one; on_time 按时率 = clocks met / (met + late + overdue); reopened 重办率 = reopened / ever closed; returned 退单率 = ever returned / all; closed_loop 闭环率 = closed with all of the loop and no anomaly / ever closed (指标)';
COMMENT ON COLUMN {twin}.kpi.numerator IS 'What is above the line; with satisfaction the sum of weights (分子)';
COMMENT ON COLUMN {twin}.kpi.n IS 'What is below the line (样本量)';
COMMENT ON COLUMN {twin}.kpi.rate IS 'numerator / n; null for n = 0 (比率)';
COMMENT ON COLUMN {twin}.kpi.low IS 'Lower end of the 95 % interval, twin.wilson; with satisfaction an approximation (下限)';
COMMENT ON COLUMN {twin}.kpi.high IS 'Its upper end (上限)';
COMMENT ON COLUMN {twin}.kpi.rank IS '1 is best among those of the dimension and month: the highest rate, of reopened and returned the lowest; null for n = 0 (名次)';
