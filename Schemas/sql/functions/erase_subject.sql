-- Destroys the person's keys and refused records. hub.sealing first: batches that are being written end before, later ones are refused.
-- Safe to repeat: a second call destroys what is left and gives the same number.
CREATE OR REPLACE FUNCTION hub.erase_subject(
    subject text, reason text, refused bigint[], OUT erasure bigint, OUT destroyed integer, OUT discarded integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    gone text[];
BEGIN
    UPDATE hub.sealing SET generation = generation + 1;
    INSERT INTO hub.subject_access (action, subject, reason) VALUES ('erase', erase_subject.subject, btrim(erase_subject.reason));
    WITH d AS (DELETE FROM hub.subject_key k WHERE k.subject = erase_subject.subject RETURNING k.id)
    SELECT coalesce(array_agg(d.id ORDER BY d.id), '{}') INTO gone FROM d;
    destroyed := cardinality(gone);
    WITH d AS (DELETE FROM hub.quarantine q WHERE q.subject = erase_subject.subject OR q.id = ANY (erase_subject.refused) RETURNING q.id)
    SELECT count(*) INTO discarded FROM d;
    INSERT INTO hub.erasure AS e (subject, keys) VALUES (erase_subject.subject, gone)
    ON CONFLICT (subject) WHERE readmitted_at IS NULL DO UPDATE SET keys = e.keys || excluded.keys, finished_at = NULL
    RETURNING e.id INTO erasure;
END $$;
COMMENT ON FUNCTION hub.erase_subject(text, text, bigint[]) IS 'Destroys a person''s keys and refused records, and remembers whom (清除个人数据)';
