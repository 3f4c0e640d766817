CREATE OR REPLACE FUNCTION {twin}.{view}_versions(wanted text) RETURNS TABLE (valid tstzrange, recorded tstzrange, state twin.{quoted})
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    ids text[] := {closure};
BEGIN
    RETURN QUERY
    WITH fact AS MATERIALIZED (
        SELECT f.position, f.effective_at, coalesce((SELECT t.at FROM hub.tick t WHERE t.position >= f.position ORDER BY t.at LIMIT 1), now()) AS known_at
          FROM (SELECT DISTINCT u.position, u.effective_at FROM ({facts}) u WHERE u.effective_at > '-infinity') f
    ), v AS MATERIALIZED (
        SELECT m.effective_at AS low, row_number() OVER (ORDER BY m.effective_at) AS n, lead(m.effective_at, 1, 'infinity') OVER (ORDER BY m.effective_at) AS high
          FROM (SELECT DISTINCT f.effective_at FROM fact f) m
    ), r AS MATERIALIZED (
        SELECT m.known_at AS low, m.position, row_number() OVER (ORDER BY m.known_at) AS n, lead(m.known_at, 1, 'infinity') OVER (ORDER BY m.known_at) AS high
          FROM (SELECT f.known_at, max(f.position) AS position FROM fact f GROUP BY f.known_at) m
    ), cell AS MATERIALIZED (
        -- The same facts give the same row: each set is asked for once.
        SELECT v.n AS v, r.n AS r, v.low, r.position, array_agg(f.position ORDER BY f.position) AS facts
          FROM v CROSS JOIN r JOIN fact f ON f.effective_at <= v.low AND f.position <= r.position
         GROUP BY v.n, r.n, v.low, r.position
    ), said AS MATERIALIZED (
        SELECT c.facts, x AS state, x::text AS words
          FROM (SELECT DISTINCT ON (c.facts) c.facts, c.low, c.position FROM cell c ORDER BY c.facts, c.v, c.r) c
         CROSS JOIN LATERAL {twin}.{view}_one(c.low, c.position, wanted) x
    ), strip AS MATERIALIZED (
        -- Along the valid time, then along the recorded one.
        SELECT min(s.v) AS v_from, max(s.v) AS v_to, s.r, s.words, min(s.facts) AS facts
          FROM (SELECT c.v, c.r, c.facts, a.words, c.v - row_number() OVER (PARTITION BY c.r, a.words ORDER BY c.v) AS island
                  FROM cell c JOIN said a USING (facts)) s
         GROUP BY s.r, s.words, s.island
    ), tile AS (
        SELECT s.v_from, s.v_to, min(s.r) AS r_from, max(s.r) AS r_to, min(s.facts) AS facts
          FROM (SELECT p.*, p.r - row_number() OVER (PARTITION BY p.v_from, p.v_to, p.words ORDER BY p.r) AS island FROM strip p) s
         GROUP BY s.v_from, s.v_to, s.words, s.island
    )
    SELECT tstzrange(a.low, z.high), tstzrange(b.low, y.high), s.state
      FROM tile t
      JOIN said s USING (facts)
      JOIN v a ON a.n = t.v_from JOIN v z ON z.n = t.v_to JOIN r b ON b.n = t.r_from JOIN r y ON y.n = t.r_to
     ORDER BY b.low, a.low;
END $$;
