-- Under the lock of the source's row, which every batch takes: no run is in the middle of one. What a stream remembers beside its own
-- records (refused ones, rows, versions) stands under its name with # and a word behind.
CREATE OR REPLACE FUNCTION hub.reset_stream(source text, stream text, by_whom text, reason text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    mine hub.source;
    kept bigint;
BEGIN
    SELECT * INTO mine FROM hub.source s WHERE s.name = source FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'source % has never run', source USING ERRCODE = 'no_data_found';
    END IF;
    IF mine.lease_until > clock_timestamp()
       AND EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = mine.lease_pid AND a.backend_start = mine.lease_start) THEN
        RAISE EXCEPTION '% writes for this source until it ends', mine.lease_holder USING ERRCODE = 'lock_not_available';
    END IF;
    INSERT INTO hub.stream_state (source_id, stream, cursor, kept_by, reason)
    SELECT mine.id, stream, (SELECT c.value FROM hub.cursor c WHERE c.source_id = mine.id AND c.stream = stream), by_whom, reason
    RETURNING id INTO kept;
    WITH gone AS (
        DELETE FROM hub.fingerprint f WHERE f.source_id = mine.id AND (f.stream = stream OR starts_with(f.stream, stream || '#'))
        RETURNING f.number, f.stream, f.batch_id, f.entries, f.subjects)
    INSERT INTO hub.stream_state_block (state_id, number, stream, batch_id, entries, subjects)
    SELECT kept, g.number, g.stream, g.batch_id, g.entries, g.subjects FROM gone g;
    DELETE FROM hub.cursor c WHERE c.source_id = mine.id AND c.stream = stream;
    RETURN kept;
END $$;
COMMENT ON FUNCTION hub.reset_stream(text, text, text, text) IS 'Forgets what was told of a stream, and keeps that state beside: the next run tells everything again (重置数据流)';
