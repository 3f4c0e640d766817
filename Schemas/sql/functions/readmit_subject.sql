CREATE OR REPLACE FUNCTION hub.readmit_subject(subject text, reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE hub.erasure e SET readmitted_at = now() WHERE e.subject = readmit_subject.subject AND e.readmitted_at IS NULL AND e.position IS NOT NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE hub.sealing SET generation = generation + 1;
    INSERT INTO hub.subject_access (action, subject, reason) VALUES ('readmit', readmit_subject.subject, btrim(readmit_subject.reason));
    RETURN true;
END $$;
COMMENT ON FUNCTION hub.readmit_subject(text, text) IS 'Lets an erased person''s records in again, under new keys (重新接纳个人)';
