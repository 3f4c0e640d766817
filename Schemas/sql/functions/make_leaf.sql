CREATE OR REPLACE FUNCTION hub.make_leaf(leaf text, first_position bigint, last_position bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TABLE hub.%I (LIKE hub.event INCLUDING DEFAULTS, CONSTRAINT bounds CHECK (position BETWEEN %s AND %s))',
                   leaf, first_position, last_position);
END $$;
COMMENT ON FUNCTION hub.make_leaf(text, bigint, bigint) IS 'Makes the table of a partition, not yet attached (创建分区表)';
