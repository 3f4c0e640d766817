-- For stewards, who may not write the table. What was sealed is destroyed.
CREATE OR REPLACE FUNCTION hub.discard_quarantined(rows bigint[], why text, who text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    IF btrim(coalesce(why, '')) = '' THEN
        RAISE EXCEPTION 'discarding needs a reason' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE hub.quarantine q
       SET resolution = 'discarded', resolved_at = now(), reason = why, raw = CASE WHEN q.sealed THEN '' ELSE q.raw END,
           resolved_by = session_user || coalesce(' (' || nullif(btrim(who), '') || ')', '')
     WHERE q.id = ANY (rows) AND q.resolution IS NULL;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END $$;
COMMENT ON FUNCTION hub.discard_quarantined(bigint[], text, text) IS 'Closes open refused records that nobody will use, with the reason (丢弃隔离记录)';
