-- Leaves are made ahead of the sequence by CREATE TABLE and ATTACH: PARTITION OF would wait for, and then block, every
-- reader. Called before a batch in a transaction of its own, so it works without any background process.
CREATE OR REPLACE FUNCTION hub.ensure_leaves(ahead integer DEFAULT 2) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size  bigint;
    first bigint;
    leaf  text;
    made  integer := 0;
BEGIN
    SELECT l.leaf_size, s.last_value / l.leaf_size INTO size, first FROM hub.log l, hub.event_position s;
    -- The usual case costs two look-ups.
    IF to_regclass(format('hub.event_%s', first + ahead)) IS NOT NULL AND to_regclass(format('hub.event_%s', first)) IS NOT NULL THEN
        RETURN 0;
    END IF;
    -- A table that nobody else can lock, where an advisory key could be held against us.
    LOCK TABLE hub.leaf IN SHARE ROW EXCLUSIVE MODE;
    FOR n IN first .. first + least(ahead, 8) LOOP
        leaf := format('event_%s', n);
        CONTINUE WHEN to_regclass('hub.' || leaf) IS NOT NULL;
        PERFORM hub.make_leaf(leaf, n * size, (n + 1) * size - 1);
        PERFORM hub.attach_leaf(leaf, n * size, (n + 1) * size - 1);
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
COMMENT ON FUNCTION hub.ensure_leaves(integer) IS 'Makes the partition that is written now and those ahead; returns how many were missing (预建分区)';
