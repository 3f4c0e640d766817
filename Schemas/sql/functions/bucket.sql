-- hashtextextended is what PostgreSQL's hash partitions rest on: it stays as it is from version to version.
CREATE OR REPLACE FUNCTION hub.bucket(source_id integer, subject text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (pg_catalog.hashtextextended(subject, source_id) & 63)::integer
$$;
COMMENT ON FUNCTION hub.bucket(integer, text) IS 'Which of a consumer''s 64 buckets a source''s subject belongs to, for good (分桶)';
