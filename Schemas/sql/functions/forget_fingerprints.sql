CREATE OR REPLACE FUNCTION hub.forget_fingerprints(stream text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM hub.fingerprint f WHERE f.source_id = (SELECT hub.session_source()) AND f.stream = forget_fingerprints.stream
$$;
COMMENT ON FUNCTION hub.forget_fingerprints(text) IS 'Deletes the blocks of one of the caller''s streams, before a compacted one replaces them (清除指纹)';
