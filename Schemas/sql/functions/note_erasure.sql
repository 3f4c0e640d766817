-- The position is looked up, not told: it can only be a fact of the caller's batch.
CREATE OR REPLACE FUNCTION hub.note_erasure(erasure bigint, batch bigint, after bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    told bigint;
BEGIN
    UPDATE hub.erasure r SET position = e.position FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id
     WHERE r.id = note_erasure.erasure AND r.position IS NULL AND e.position > after AND e.batch_id = batch
       AND e.source_id = (SELECT hub.session_source()) AND t.name = 'subject.erased' AND e.subject = 'person/' || r.subject
    RETURNING e.position INTO told;
    IF told IS NULL THEN
        RAISE EXCEPTION 'this batch does not tell that erasure' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN told;
END $$;
COMMENT ON FUNCTION hub.note_erasure(bigint, bigint, bigint) IS 'Notes where the log tells an erasure (记录清除位置)';
