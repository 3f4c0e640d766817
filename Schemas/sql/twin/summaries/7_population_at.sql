-- In its owner's name: analysts see how many, and never who.
CREATE OR REPLACE FUNCTION {twin}.population_at(at timestamptz DEFAULT now(), smallest_overlap integer DEFAULT 30)
RETURNS TABLE (area_kind text, area_id text, name text, as_of timestamptz, status text, estimate integer, low integer, high integer, list_a text, list_b text,
    living_a integer, living_b integer, overlap integer, pairs integer, on_any_list integer, lists jsonb, reason text, assumptions text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH area AS MATERIALIZED (SELECT p.area_kind, p.area_id, p.name, p.building_id FROM {twin}.population_area p),
    told AS MATERIALIZED (
         SELECT {twin}.person_key(coalesce(e.entity_id, r.id)) AS pseudonym, r.source_id, l.building_id,
                -- A list that is found to be without somebody says no date.
                CASE WHEN r.removed THEN r.effective_at ELSE r.occurred_at END AS occurred_at, r.removed, r.kind, r.birth_year, r.sex,
                substring(r.dwelling_ref FROM '[0-9]+$') AS room
           FROM {generation}.resident_claim r
           LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = r.building_ref
           LEFT JOIN {generation}.entity_link e ON e.kind = 'person' AND e.id = r.id
          WHERE r.effective_at <= population_at.at
         UNION ALL
         -- Who no longer draws a benefit may live there all the same.
         SELECT {twin}.person_key(coalesce(e.entity_id, b.id)), b.source_id, l.building_id, b.occurred_at, false, NULL, NULL, NULL, NULL
           FROM {generation}.benefit_claim b
           LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = b.building_ref
           LEFT JOIN {generation}.entity_link e ON e.kind = 'person' AND e.id = b.id
          WHERE b.effective_at <= population_at.at AND NOT b.removed),
    -- A mistyped number makes another person: two who are alone of their age and sex in a home, and on no list both, are one.
    same AS MATERIALIZED (
         SELECT max(x.pseudonym) AS pseudonym, min(x.pseudonym) AS person
           FROM (SELECT DISTINCT t.building_id, t.room, t.birth_year, t.sex, t.pseudonym, t.source_id FROM told t
                  WHERE NOT t.removed AND t.building_id IS NOT NULL AND t.room IS NOT NULL AND t.birth_year IS NOT NULL AND t.sex IS NOT NULL) x
          GROUP BY x.building_id, x.room, x.birth_year, x.sex
         HAVING count(DISTINCT x.pseudonym) = 2 AND count(*) = count(DISTINCT x.source_id)),
    known AS MATERIALIZED (SELECT coalesce(m.person, t.pseudonym) AS person, t.* FROM told t LEFT JOIN same m ON m.pseudonym = t.pseudonym),
    gone AS (SELECT t.person, max(t.occurred_at) AS at FROM known t WHERE t.removed GROUP BY t.person),
    entry AS MATERIALIZED (
         SELECT DISTINCT ON (t.person, t.source_id) t.person, t.source_id, t.building_id, t.occurred_at,
                coalesce(t.occurred_at > population_at.at - coalesce(p.alive_within, '1 year'), false) AS is_alive
           FROM known t
           JOIN hub.source s ON s.id = t.source_id
           LEFT JOIN hub.population_list p ON p.source = s.name
          WHERE NOT t.removed
          ORDER BY t.person, t.source_id, t.occurred_at DESC NULLS LAST, t.building_id),
    who AS (
         SELECT t.person, (array_agg(t.kind ORDER BY t.occurred_at DESC NULLS LAST, t.source_id) FILTER (WHERE t.kind IS NOT NULL))[1] AS kind,
                (array_agg(t.birth_year ORDER BY t.occurred_at DESC NULLS LAST, t.source_id) FILTER (WHERE t.birth_year IS NOT NULL))[1] AS birth_year
           FROM known t GROUP BY t.person),
    -- Lists of a few (who draws a benefit) are told, but say nothing of the others. Strata are of use where both lists know them of nearly
    -- everybody: else who is on one list alone has no stratum.
    list AS MATERIALIZED (
         SELECT t.source_id, avg((t.kind IS NOT NULL)::int) >= 0.95 AS knows_kind, avg((t.birth_year IS NOT NULL)::int) >= 0.95 AS knows_age
           FROM known t WHERE NOT t.removed GROUP BY t.source_id
         HAVING count(DISTINCT t.person) >= 0.2 * (SELECT count(DISTINCT e.person) FROM entry e)),
    pair AS (
         SELECT a.source_id AS a, b.source_id AS b, a.knows_kind AND b.knows_kind AS by_kind, a.knows_age AND b.knows_age AS by_age
           FROM list a JOIN list b ON a.source_id < b.source_id),
    -- Somebody is where he was seen last.
    placed AS MATERIALIZED (
         SELECT x.area_kind, x.area_id, x.person, array_agg(x.source_id ORDER BY x.source_id) AS lists,
                coalesce(array_agg(x.source_id ORDER BY x.source_id) FILTER (WHERE x.is_alive), '{}') AS alive
           FROM (SELECT a.area_kind, a.area_id, e.person, e.source_id, e.is_alive,
                        first_value(a.area_id) OVER (PARTITION BY a.area_kind, e.person ORDER BY e.occurred_at DESC NULLS LAST, e.source_id) AS last_seen
                   FROM entry e
                   JOIN area a ON a.building_id = e.building_id
                   LEFT JOIN gone g ON g.person = e.person AND g.at >= e.occurred_at
                  WHERE g.person IS NULL) x
          WHERE x.area_id = x.last_seen
          GROUP BY x.area_kind, x.area_id, x.person),
    cell AS MATERIALIZED (
         SELECT p.area_kind, p.area_id, w.kind, width_bucket(extract(year FROM population_at.at) - w.birth_year, ARRAY[7, 12, 18, 60, 75]) AS age, p.lists, p.alive, count(*) AS n
           FROM placed p JOIN who w ON w.person = p.person GROUP BY 1, 2, 3, 4, 5, 6),
    -- What share of people in each state lives there is learned of all areas together, for each kind of people of whom there are enough.
    common AS (SELECT c.kind, row_number() OVER (ORDER BY sum(c.n) DESC, c.kind) = 1 AS is_first FROM cell c GROUP BY c.kind
               HAVING sum(c.n) >= 0.1 * (SELECT sum(n) FROM cell)),
    model AS (SELECT k.kind, CASE WHEN m.is_first IS NOT NULL THEN k.kind ELSE (SELECT f.kind FROM common f WHERE f.is_first) END AS learned_of
                FROM (SELECT DISTINCT c.kind FROM cell c) k LEFT JOIN common m ON m.kind IS NOT DISTINCT FROM k.kind),
    state AS MATERIALIZED (
         SELECT m.kind, m.learned_of, c.lists, c.alive, sum(c.n) AS n,
                (SELECT string_agg(CASE WHEN l.source_id = ANY (c.alive) THEN '2' WHEN l.source_id = ANY (c.lists) THEN '1' ELSE '0' END, '' ORDER BY l.source_id) FROM list l) AS state
           FROM cell c JOIN model m ON m.kind IS NOT DISTINCT FROM c.kind GROUP BY 1, 2, 3, 4),
    learned AS MATERIALIZED (
         SELECT x.learned_of, u.state, u.share
           FROM (SELECT y.learned_of, array_agg(y.state ORDER BY y.state) AS states, array_agg(y.n::float8 ORDER BY y.state) AS people
                   FROM (SELECT s.learned_of, s.state, sum(s.n) AS n FROM state s WHERE s.state ~ '[12]' GROUP BY 1, 2) y GROUP BY y.learned_of) x
          CROSS JOIN LATERAL unnest(x.states, {twin}.living_share(x.states, x.people)) u (state, share)
          WHERE (SELECT count(*) FROM list) >= 3),
    weighted AS MATERIALIZED (
         SELECT c.*, e.share
           FROM cell c
           JOIN state s ON s.kind IS NOT DISTINCT FROM c.kind AND s.lists = c.lists AND s.alive = c.alive
           LEFT JOIN learned e ON e.learned_of IS NOT DISTINCT FROM s.learned_of AND e.state = s.state),
    -- With two lists nothing can be learned: then whoever shows no sign of life does not count.
    stratum AS (
         SELECT c.area_kind, c.area_id, p.a, p.b, CASE WHEN p.by_kind THEN c.kind END AS kind, CASE WHEN p.by_age THEN c.age END AS age,
                sum(c.n * coalesce(c.share, 1)) FILTER (WHERE s.in_a) AS n_a, sum(c.n * coalesce(c.share, 1)) FILTER (WHERE s.in_b) AS n_b,
                sum(c.n * coalesce(c.share, 1)) FILTER (WHERE s.in_a AND s.in_b) AS n_both
           FROM weighted c
          CROSS JOIN pair p
          CROSS JOIN LATERAL (SELECT p.a = ANY (CASE WHEN c.share IS NULL THEN c.alive ELSE c.lists END) AS in_a,
                                     p.b = ANY (CASE WHEN c.share IS NULL THEN c.alive ELSE c.lists END) AS in_b) s
          WHERE s.in_a OR s.in_b
          GROUP BY 1, 2, 3, 4, 5, 6),
    -- Strata in which the lists hardly meet are put together: Chapman's estimate needs about seven in both (Robson and Regier, 1964).
    pooled AS (
         SELECT s.area_kind, s.area_id, s.a, s.b, coalesce(sum(s.n_a), 0) AS n_a, coalesce(sum(s.n_b), 0) AS n_b, coalesce(sum(s.n_both), 0) AS n_both
           FROM stratum s
          GROUP BY s.area_kind, s.area_id, s.a, s.b, CASE WHEN s.n_both >= 7 THEN coalesce(s.kind, '-') || '/' || coalesce(s.age, -1) ELSE 'others' END),
    paired AS (
         SELECT p.area_kind, p.area_id, p.a, p.b, array_agg(p.n_a ORDER BY p.n_both, p.n_a, p.n_b) AS n_a, array_agg(p.n_b ORDER BY p.n_both, p.n_a, p.n_b) AS n_b,
                array_agg(p.n_both ORDER BY p.n_both, p.n_a, p.n_b) AS n_both, sum(p.n_a) AS sum_a, sum(p.n_b) AS sum_b, sum(p.n_both) AS sum_both,
                sum((p.n_a + 1) * (p.n_b + 1) / (p.n_both + 1) - 1) AS estimate
           FROM pooled p GROUP BY p.area_kind, p.area_id, p.a, p.b),
    chosen AS (SELECT DISTINCT ON (p.area_kind, p.area_id) p.* FROM paired p ORDER BY p.area_kind, p.area_id, p.sum_both DESC, p.a, p.b),
    spread AS (
         SELECT p.area_kind, p.area_id, avg(p.estimate) AS middle, min(p.estimate) AS low, max(p.estimate) AS high, count(*) AS pairs
           FROM paired p WHERE p.sum_both >= population_at.smallest_overlap GROUP BY p.area_kind, p.area_id),
    listed AS (
         SELECT x.area_kind, x.area_id, sum(x.listed) FILTER (WHERE x.source IS NULL) AS people,
                jsonb_object_agg(x.source, x.listed ORDER BY x.source) FILTER (WHERE x.source IS NOT NULL) AS lists
           FROM (SELECT a.area_kind, a.area_id, s.name AS source, count(DISTINCT e.person) AS listed
                   FROM entry e JOIN area a ON a.building_id = e.building_id JOIN hub.source s ON s.id = e.source_id
                  GROUP BY GROUPING SETS ((a.area_kind, a.area_id, s.name), (a.area_kind, a.area_id))) x
          GROUP BY x.area_kind, x.area_id)
    SELECT a.area_kind, a.area_id, a.name, population_at.at, CASE WHEN s.middle IS NULL THEN 'refused' ELSE 'estimated' END,
           round(s.middle)::int, floor(least(s.middle * d.low / d.estimate, s.low))::int, ceil(greatest(s.middle * d.high / d.estimate, s.high))::int,
           sa.name, sb.name, round(c.sum_a)::int, round(c.sum_b)::int, round(c.sum_both)::int, coalesce(s.pairs, 0)::int, coalesce(l.people, 0)::int, coalesce(l.lists, '{}'),
           CASE WHEN s.middle IS NOT NULL THEN NULL
                WHEN l.people IS NULL THEN 'no list has people here'
                WHEN c.sum_both IS NULL THEN 'fewer than two lists with signs of life'
                ELSE format('overlap of %s and %s is %s, less than %s', sa.name, sb.name, round(c.sum_both), population_at.smallest_overlap) END,
           'nobody moved between the lists'' dates; within a kind of people (and an age, where both lists tell it) being on one list says nothing of being on '
           || 'another, among those who live there and among those who do not; people of one kind are listed alike everywhere. The interval holds what chance does '
           || 'and how far pairs of lists are apart, not more.'
      FROM (SELECT DISTINCT a.area_kind, a.area_id, a.name FROM area a) a
      LEFT JOIN listed l ON l.area_kind = a.area_kind AND l.area_id = a.area_id
      LEFT JOIN chosen c ON c.area_kind = a.area_kind AND c.area_id = a.area_id
      LEFT JOIN hub.source sa ON sa.id = c.a
      LEFT JOIN hub.source sb ON sb.id = c.b
      LEFT JOIN spread s ON s.area_kind = a.area_kind AND s.area_id = a.area_id
      LEFT JOIN LATERAL {twin}.dual_system(c.n_a, c.n_b, c.n_both) d ON s.middle IS NOT NULL
$$;
COMMENT ON FUNCTION {twin}.population_at(timestamptz, integer) IS 'How many people usually live in each compound and grid cell at a date, as an interval: lists linked, entries weighed by what signs of life say of them, dual-system estimates by strata and a bootstrap; refused where lists overlap in fewer than smallest_overlap people (人口区间估计)';
