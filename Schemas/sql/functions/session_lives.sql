-- A process number may be used again, by a session that began later. Where the server does not show when a session began,
-- the number alone must do.
CREATE OR REPLACE FUNCTION hub.session_lives(pid integer, since timestamptz) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = session_lives.pid AND coalesce(a.backend_start <= since, true))
$$;
COMMENT ON FUNCTION hub.session_lives(integer, timestamptz) IS 'Whether the session that had this server process at that time is still there (会话是否存在)';
