-- A replay writes its facts as the source; what became of the refused records it says here, in the same transaction. It reaches open
-- records of its own source alone.
CREATE OR REPLACE FUNCTION hub.note_replayed(batch bigint, marks json, version text, who text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    IF batch IS DISTINCT FROM currval('hub.batch_id') THEN
        RAISE EXCEPTION 'this batch was not begun here' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE hub.quarantine q
       SET resolution = r.resolution,
           resolved_at = CASE WHEN r.resolution IS NOT NULL THEN now() END,
           resolved_by = CASE WHEN r.resolution IS NOT NULL THEN session_user || coalesce(' (' || nullif(btrim(who), '') || ')', '') END,
           resolved_batch = CASE WHEN r.resolution = 'replayed' THEN batch END,
           raw = CASE WHEN q.sealed AND r.resolution IS NOT NULL THEN '' ELSE q.raw END,
           rule = coalesce(r.rule, q.rule), message = coalesce(r.message, q.message),
           adapter_version = CASE WHEN r.resolution IS NULL THEN version ELSE q.adapter_version END,
           attempts = q.attempts + (r.resolution IS NULL)::integer,
           attempted_at = CASE WHEN r.resolution IS NULL THEN now() ELSE q.attempted_at END
      FROM json_to_recordset(marks) AS r(id bigint, resolution text, rule text, message text)
     WHERE q.id = r.id AND q.resolution IS NULL AND q.source_id = (SELECT hub.session_source())
       AND (r.resolution IS NULL OR r.resolution IN ('replayed', 'superseded'));
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;
COMMENT ON FUNCTION hub.note_replayed(bigint, json, text, text) IS 'Says what became of a source''s own refused records in a replay (记录重放结果)';
