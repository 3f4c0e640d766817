-- The table's CHECK on its bounds spares the scan; the partition's own bounds replace it.
CREATE OR REPLACE FUNCTION hub.attach_leaf(leaf text, first_position bigint, last_position bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bounds text;
BEGIN
    PERFORM hub.guard_leaf(format('hub.%I', leaf)::regclass);
    EXECUTE format('ALTER TABLE hub.event ATTACH PARTITION hub.%I FOR VALUES FROM (%s) TO (%s)', leaf, first_position, last_position + 1);
    FOR bounds IN SELECT c.conname FROM pg_constraint c WHERE c.conrelid = format('hub.%I', leaf)::regclass AND c.contype = 'c' LOOP
        EXECUTE format('ALTER TABLE hub.%I DROP CONSTRAINT %I', leaf, bounds);
    END LOOP;
    EXECUTE format('COMMENT ON TABLE hub.%I IS %L', leaf, format('Facts at positions %s to %s (事实分区)', first_position, last_position));
END $$;
COMMENT ON FUNCTION hub.attach_leaf(text, bigint, bigint) IS 'Gives a table its triggers and makes it a partition of the log (接入分区)';
