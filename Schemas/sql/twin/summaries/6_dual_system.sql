-- 400 replicates: each draws anew who of the estimated people is on which list, as if lists were independent within a stratum. Binomial
-- numbers come by their normal approximation from md5 of replicate and stratum (Box and Muller), so that the same counts give the same
-- interval at any time and on any machine. OFFSET 0 keeps what is drawn from being computed once for each place that uses it.
CREATE OR REPLACE FUNCTION {twin}.dual_system(n_a double precision[], n_b double precision[], n_both double precision[], OUT estimate double precision, OUT low double precision,
    OUT high double precision)
LANGUAGE sql IMMUTABLE STRICT AS $$
    WITH stratum AS (
         SELECT i, n_a[i] AS a, n_b[i] AS b, n_both[i] AS both, (n_a[i] + 1) * (n_b[i] + 1) / (n_both[i] + 1) - 1 AS n
           FROM generate_subscripts(n_a, 1) i),
    replicate AS (
         SELECT r, sum((first.a + 1) * (hit.both + hit.other + 1) / (hit.both + 1) - 1) AS n
           FROM generate_series(1, 400) r
          CROSS JOIN stratum s
          CROSS JOIN LATERAL (SELECT md5(r || ':' || s.i) AS text OFFSET 0) h
          CROSS JOIN LATERAL (
               SELECT (('x' || substr(h.text, 1, 8))::bit(32)::bigint & 4294967295) / 4294967296.0::float8 + 1e-10 AS u1,
                      (('x' || substr(h.text, 9, 8))::bit(32)::bigint & 4294967295) / 4294967296.0::float8 AS u2,
                      (('x' || substr(h.text, 17, 8))::bit(32)::bigint & 4294967295) / 4294967296.0::float8 + 1e-10 AS u3,
                      (('x' || substr(h.text, 25, 8))::bit(32)::bigint & 4294967295) / 4294967296.0::float8 AS u4 OFFSET 0) u
          CROSS JOIN LATERAL (SELECT sqrt(-2 * ln(u1)) * cos(2 * pi() * u2) AS z1, sqrt(-2 * ln(u1)) * sin(2 * pi() * u2) AS z2,
                                     sqrt(-2 * ln(u3)) * cos(2 * pi() * u4) AS z3 OFFSET 0) z
          CROSS JOIN LATERAL (SELECT s.b / s.n AS p, greatest(0, least(s.n, round(s.a + z1 * sqrt(greatest(0, s.a * (1 - s.a / s.n)))))) AS a OFFSET 0) first
          CROSS JOIN LATERAL (
               SELECT greatest(0, least(first.a, round(first.a * p + z2 * sqrt(greatest(0, first.a * p * (1 - p)))))) AS both,
                      greatest(0, least(s.n - first.a, round((s.n - first.a) * p + z3 * sqrt(greatest(0, (s.n - first.a) * p * (1 - p)))))) AS other OFFSET 0) hit
          WHERE s.n > 0
          GROUP BY r)
    SELECT (SELECT sum(n) FROM stratum), percentile_cont(0.025) WITHIN GROUP (ORDER BY n), percentile_cont(0.975) WITHIN GROUP (ORDER BY n) FROM replicate
$$;
COMMENT ON FUNCTION {twin}.dual_system(double precision[], double precision[], double precision[]) IS 'How many there are by two lists and their overlap, stratum by stratum: the sum of Chapman''s (n₁+1)(n₂+1)/(m+1) − 1 (1951), and the middle 95 % of a parametric bootstrap (双系统估计)';
