CREATE OR REPLACE FUNCTION {twin}.wilson(successes numeric, n bigint, OUT low numeric, OUT high numeric) RETURNS record
LANGUAGE sql IMMUTABLE AS $$
    SELECT round(greatest(0, (p + z * z / (2 * n) - z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n))) / (1 + z * z / n)), 4),
           round(least(1, (p + z * z / (2 * n) + z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n))) / (1 + z * z / n)), 4)
      FROM (SELECT successes / n AS p, 1.959964 AS z WHERE n > 0) s
$$;
COMMENT ON FUNCTION {twin}.wilson(numeric, bigint) IS 'Wilson''s score interval (1927) of a share, at 95 %: (p + z²/2n ± z√(p(1−p)/n + z²/4n²)) / (1 + z²/n); null for n = 0 (威尔逊区间)';
