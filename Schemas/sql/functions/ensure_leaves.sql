-- Leaves are made ahead of the sequence by CREATE TABLE and ATTACH: PARTITION OF would wait for, and then block, every
-- reader. Called before a batch in a transaction of its own, so it works without any background process.
CREATE OR REPLACE FUNCTION hub.ensure_leaves(ahead integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size  CONSTANT bigint := 5000000;
    first bigint;
    leaf  text;
    made  integer := 0;
BEGIN
    SELECT last_value / size INTO first FROM hub.event_position;
    -- The usual case costs two look-ups.
    IF to_regclass(format('hub.event_%s', first + ahead)) IS NOT NULL AND to_regclass(format('hub.event_%s', first)) IS NOT NULL THEN
        RETURN 0;
    END IF;
    PERFORM pg_advisory_xact_lock(29801, 1);
    FOR n IN first .. first + ahead LOOP
        leaf := format('hub.event_%s', n);
        CONTINUE WHEN to_regclass(leaf) IS NOT NULL;
        EXECUTE format('CREATE TABLE %s (LIKE hub.event INCLUDING DEFAULTS, CONSTRAINT bounds CHECK (position >= %s AND position < %s))',
                       leaf, n * size, (n + 1) * size);
        PERFORM hub.guard_leaf(leaf::regclass);
        EXECUTE format('ALTER TABLE hub.event ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)', leaf, n * size, (n + 1) * size);
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT bounds', leaf);
        EXECUTE format('COMMENT ON TABLE %s IS %L', leaf, format('Facts at positions %s to %s (事实分区)', n * size, (n + 1) * size - 1));
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION hub.ensure_leaves(integer) IS 'Makes the partition that is written now and those ahead; returns how many were missing (预建分区)';
