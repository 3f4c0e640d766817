-- The note must have been committed before hub.keys_of_access or hub.row_of_access gives anything: who rolls back has opened nothing.
CREATE OR REPLACE FUNCTION hub.request_access(action text, subject text, reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made bigint;
BEGIN
    IF request_access.action NOT IN ('show', 'quarantine') THEN
        RAISE EXCEPTION 'access is for show or quarantine' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO hub.subject_access (action, subject, reason) VALUES (request_access.action, request_access.subject, btrim(request_access.reason))
    RETURNING id INTO made;
    RETURN made;
END $$;
COMMENT ON FUNCTION hub.request_access(text, text, text) IS 'Notes who wants to open what, and why (申请访问)';
