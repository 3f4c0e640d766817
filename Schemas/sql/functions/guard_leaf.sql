-- Statement triggers are not cloned to partitions, and a detached one would lose cloned ones: each has its own.
CREATE OR REPLACE FUNCTION hub.guard_leaf(leaf regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER announce BEFORE INSERT ON %s FOR EACH STATEMENT EXECUTE FUNCTION hub.announce()', leaf);
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION hub.refuse()', leaf);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER announce, ENABLE ALWAYS TRIGGER refuse', leaf);
END $$;
COMMENT ON FUNCTION hub.guard_leaf(regclass) IS 'Gives a partition of the log its triggers (保护分区)';
