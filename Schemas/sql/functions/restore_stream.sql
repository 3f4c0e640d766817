CREATE OR REPLACE FUNCTION hub.restore_stream(source text, state bigint, by_whom text, reason text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    former hub.stream_state;
    kept bigint;
BEGIN
    SELECT t.* INTO former FROM hub.stream_state t JOIN hub.source s ON s.id = t.source_id WHERE t.id = state AND s.name = source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no state % of source %', state, source USING ERRCODE = 'no_data_found';
    END IF;
    kept := hub.reset_stream(source, former.stream, by_whom, reason);
    IF former.cursor IS NOT NULL THEN
        INSERT INTO hub.cursor (source_id, stream, value) VALUES (former.source_id, former.stream, former.cursor);
    END IF;
    INSERT INTO hub.fingerprint (source_id, stream, batch_id, entries, subjects)
    SELECT former.source_id, b.stream, b.batch_id, b.entries, b.subjects FROM hub.stream_state_block b WHERE b.state_id = state ORDER BY b.number;
    RETURN kept;
END $$;
COMMENT ON FUNCTION hub.restore_stream(text, bigint, text, text) IS 'Brings a former state of a stream back, and keeps the present one beside (恢复数据流状态)';
