CREATE OR REPLACE FUNCTION hub.granted_access(access bigint, action text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    subject text;
BEGIN
    SELECT a.subject INTO subject FROM hub.subject_access a
     WHERE a.id = granted_access.access AND a.action = granted_access.action AND a.who = session_user
       AND a.at > now() - interval '10 minutes' AND a.xact IS DISTINCT FROM pg_current_xact_id_if_assigned();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no access of that number was asked for by this role in the last ten minutes' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN subject;
END $$;
COMMENT ON FUNCTION hub.granted_access(bigint, text) IS 'What the caller has asked to open, in a transaction before this one (已登记的访问)';
