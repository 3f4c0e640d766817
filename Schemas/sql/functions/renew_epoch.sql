-- After a restore: positions that were drawn after the backup are drawn again, for other facts. Whoever kept a position
-- finds another epoch, and knows.
CREATE OR REPLACE FUNCTION hub.renew_epoch() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
    UPDATE hub.log SET epoch = substr(replace(gen_random_uuid()::text, '-', ''), 1, 12), place = hub.log_place(), renewed_at = clock_timestamp()
    RETURNING epoch
$$;
COMMENT ON FUNCTION hub.renew_epoch() IS 'Gives the log a new epoch: to be called after every restore, before the first append (更新纪元)';
