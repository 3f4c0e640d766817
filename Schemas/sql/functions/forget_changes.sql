-- The last one always stays: it says where the stream ends.
CREATE OR REPLACE FUNCTION hub.forget_changes() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept bigint := greatest(hub.stream_end('twin') - 1000000,
                            (SELECT k.position FROM hub.twin_change k WHERE k.recorded_at > now() - interval '30 days' ORDER BY k.position LIMIT 1));
BEGIN
    IF kept > (SELECT min(c.position) FROM hub.twin_change c) THEN
        DELETE FROM hub.twin_change c WHERE c.position < kept;
    END IF;
END $$;
COMMENT ON FUNCTION hub.forget_changes() IS 'Deletes changes of the twin that are older than 30 days, or before the last million (清理变更)';
