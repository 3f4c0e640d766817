-- Holds others off until the caller's transaction has ended: positions are in the order of commits.
CREATE OR REPLACE FUNCTION hub.next_change() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(29804, 0);
    RETURN (SELECT coalesce(max(c.position), 0) + 1 FROM hub.twin_change c);
END $$;
COMMENT ON FUNCTION hub.next_change() IS 'The position of the next change of the twin, for the caller alone (下一变更位置)';
