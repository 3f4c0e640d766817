CREATE OR REPLACE FUNCTION hub.session_source() RETURNS integer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT nullif(split_part(session_user::text, '_adapter_', 2), '')::integer
$$;
COMMENT ON FUNCTION hub.session_source() IS 'The source that this login role writes for; null for other roles (会话来源)';
