-- Rows are locked before a position is announced: whoever waits here holds up no reader.
CREATE OR REPLACE FUNCTION hub.lock_subject(subject text, OUT "position" bigint, OUT content bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF hub.session_source() IS NULL THEN
        RAISE EXCEPTION 'role % writes for no source', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO hub.subject_head VALUES (lock_subject.subject, 0) ON CONFLICT DO NOTHING;
    SELECT h."position", h.content INTO lock_subject."position", lock_subject.content
      FROM hub.subject_head h WHERE h.subject = lock_subject.subject FOR UPDATE;
END $$;
COMMENT ON FUNCTION hub.lock_subject(text) IS 'The last decision about a subject, held to the end of the transaction (锁定主体)';
