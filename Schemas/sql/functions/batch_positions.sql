-- From where the sequence stood before the COPY: the batch's facts are among the next ones, few of them others'. As a
-- digest of the lines that hub.event_canonical gives, and not as rows: where two sources write at once, every batch asks.
CREATE OR REPLACE FUNCTION hub.batch_positions(id bigint, after bigint, OUT events bigint, OUT first bigint, OUT last bigint, OUT digest bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT count(*), min(p.position), max(p.position), sha256(convert_to(string_agg(p.position::text || E'\n', '' ORDER BY p.position), 'UTF8'))
      FROM (SELECT e.position FROM hub.event e
             WHERE e.position > batch_positions.after AND e.batch_id = batch_positions.id AND e.source_id = (SELECT hub.session_source())
             ORDER BY e.position) p
$$;
COMMENT ON FUNCTION hub.batch_positions(bigint, bigint) IS 'Number, span and digest of the positions of a batch that is being written (批次位置)';
