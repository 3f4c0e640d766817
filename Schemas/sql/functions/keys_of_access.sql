CREATE OR REPLACE FUNCTION hub.keys_of_access(access bigint, OUT id text, OUT source text, OUT wrapped bytea) RETURNS SETOF record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    whose text := hub.granted_access(keys_of_access.access, 'show');
BEGIN
    RETURN QUERY SELECT k.id, s.name, k.wrapped FROM hub.subject_key k JOIN hub.source s ON s.id = k.source_id WHERE k.subject = whose ORDER BY s.name;
END $$;
COMMENT ON FUNCTION hub.keys_of_access(bigint) IS 'The wrapped keys of the person whom the caller has asked to open (打开个人数据密钥)';
