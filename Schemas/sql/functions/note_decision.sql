-- The position is looked up, not told: a head can only be a fact of the caller's batch.
CREATE OR REPLACE FUNCTION hub.note_decision(subject text, batch bigint, after bigint, content bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last bigint;
BEGIN
    SELECT max(e.position) INTO last FROM hub.event e
     WHERE e.position > after AND e.batch_id = batch AND e.source_id = (SELECT hub.session_source()) AND e.subject = note_decision.subject;
    UPDATE hub.subject_head h SET position = last, content = note_decision.content WHERE h.subject = note_decision.subject AND last > h.position;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this batch holds no newer decision about the subject' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN last;
END $$;
COMMENT ON FUNCTION hub.note_decision(text, bigint, bigint, bytea) IS 'Makes a fact of the open batch the last decision about its subject (记录决定)';
