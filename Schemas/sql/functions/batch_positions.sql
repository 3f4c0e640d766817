-- From where the sequence stood before the COPY: the batch's facts are among the next ones, few of them others'.
CREATE OR REPLACE FUNCTION hub.batch_positions(id bigint, after bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT e.position FROM hub.event e
     WHERE e.position > batch_positions.after AND e.batch_id = batch_positions.id AND e.source_id = hub.session_source()
     ORDER BY e.position
$$;
COMMENT ON FUNCTION hub.batch_positions(bigint, bigint) IS 'Positions of the facts of a batch that is being written (批次位置)';
