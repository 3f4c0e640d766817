CREATE OR REPLACE FUNCTION hub.finish_batch(
    id bigint, token bigint, adapter_version text, input text, input_digest bytea, rows_read bigint, rows_added bigint,
    rows_changed bigint, rows_unchanged bigint, rows_removed bigint, rows_refused bigint, rows_held_back bigint, after bigint, events bigint,
    OUT first_position bigint, OUT last_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF events > 0 THEN
        last_position := currval('hub.event_position');
        -- From where the sequence stood before the COPY: the batch's first fact is among the next few.
        SELECT e.position INTO first_position
          FROM hub.event e
         WHERE e.position > finish_batch.after AND e.batch_id = finish_batch.id
         ORDER BY e.position LIMIT 1;
    END IF;
    INSERT INTO hub.batch (id, source_id, run, adapter_version, input, input_digest, rows_read, rows_added, rows_changed, rows_unchanged,
                           rows_removed, rows_refused, rows_held_back, events, first_position, last_position)
    VALUES (finish_batch.id, hub.session_source(), token, finish_batch.adapter_version, finish_batch.input, finish_batch.input_digest,
            finish_batch.rows_read, finish_batch.rows_added, finish_batch.rows_changed, finish_batch.rows_unchanged,
            finish_batch.rows_removed, finish_batch.rows_refused, finish_batch.rows_held_back, finish_batch.events,
            finish_batch.first_position, finish_batch.last_position);
END $$;
COMMENT ON FUNCTION hub.finish_batch IS 'Records what the batch brought (完成批次)';
