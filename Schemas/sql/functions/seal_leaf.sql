-- The hot leaf has its primary key alone: each index more costs every append. A leaf that nothing can be added to any more
-- gets them built in bulk. One leaf's distance keeps the build away from those that are written.
CREATE OR REPLACE FUNCTION hub.seal_leaf(leaf text) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    facts bigint;
    place hub.leaf_status;
BEGIN
    SELECT * INTO place FROM hub.leaf_status s WHERE s.name = leaf AND s.archived_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log has no partition %', leaf USING ERRCODE = 'undefined_table';
    END IF;
    IF hub.settled() <= place.last_position + (SELECT l.leaf_size FROM hub.log l) THEN
        RAISE EXCEPTION 'the partition % is too close to where the log is written', leaf USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON hub.%I (subject, position) WITH (fillfactor = 100)', leaf || '_subject', leaf);
    -- A few facts that happened long ago must not widen a whole range of blocks.
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON hub.%I USING brin (recorded_at, occurred_at timestamptz_minmax_multi_ops)', leaf || '_times', leaf);
    EXECUTE format('ANALYZE hub.%I', leaf);
    EXECUTE format('SELECT count(*) FROM hub.%I', leaf) INTO facts;
    -- Last: whoever makes new leaves waits for this row.
    INSERT INTO hub.leaf (name, first_position, last_position, sealed_at, rows)
    VALUES (leaf, place.first_position, place.last_position, clock_timestamp(), facts)
    ON CONFLICT (name) DO UPDATE SET sealed_at = excluded.sealed_at, rows = excluded.rows;
    RETURN facts;
END $$;
COMMENT ON FUNCTION hub.seal_leaf(text) IS 'Indexes a partition that nothing can be added to any more, and marks it; returns its number of facts (封存分区)';
