-- The number must be the one that hub.begin_batch gave in this session: nobody takes another's.
CREATE OR REPLACE FUNCTION hub.finish_batch(
    id bigint, token bigint, adapter_version text, input text, input_digest bytea, rows_read bigint, rows_added bigint,
    rows_changed bigint, rows_unchanged bigint, rows_removed bigint, rows_refused bigint, rows_held_back bigint, events bigint,
    first_position bigint, last_position bigint, previous_digest bytea, digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
BEGIN
    IF id IS DISTINCT FROM currval('hub.batch_id') THEN
        RAISE EXCEPTION 'this batch was not begun here' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO hub.batch (id, source_id, run, adapter_version, input, input_digest, rows_read, rows_added, rows_changed, rows_unchanged,
                           rows_removed, rows_refused, rows_held_back, events, first_position, last_position, previous_digest, digest)
    VALUES (id, hub.session_source(), token, adapter_version, input, input_digest, rows_read, rows_added, rows_changed, rows_unchanged,
            rows_removed, rows_refused, rows_held_back, events, first_position, last_position, previous_digest, digest);
END $$;
COMMENT ON FUNCTION hub.finish_batch IS 'Records what the batch brought (完成批次)';
