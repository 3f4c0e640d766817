CREATE OR REPLACE FUNCTION hub.bucket_subset(buckets bit(64), "count" integer) RETURNS bit(64)
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(bit_or(set_bit(0::bit(64), n, 1)), 0::bit(64))
      FROM (SELECT n FROM generate_series(0, 63) n WHERE get_bit(buckets, n) = 1 ORDER BY n LIMIT "count") first
$$;
COMMENT ON FUNCTION hub.bucket_subset(bit, integer) IS 'The first buckets of a set, so many (取前若干分桶)';
