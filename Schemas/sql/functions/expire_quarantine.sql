CREATE OR REPLACE FUNCTION hub.expire_quarantine() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH d AS (DELETE FROM hub.quarantine WHERE sealed AND recorded_at < now() - interval '90 days' RETURNING id) SELECT count(*) FROM d
$$;
COMMENT ON FUNCTION hub.expire_quarantine() IS 'Destroys encrypted refused records that are older than 90 days (清理过期隔离记录)';
