-- The file name of the log's current place begins with the timeline, at once after a promotion.
CREATE OR REPLACE FUNCTION hub.log_place() RETURNS text
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT format('%s/%s/%s', c.system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8), d.oid)
      FROM pg_control_system() c, pg_database d WHERE d.datname = current_database()
$$;
COMMENT ON FUNCTION hub.log_place() IS 'Which server, timeline and database this is (所在标识)';
