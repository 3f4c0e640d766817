-- A copy on another server, on another timeline (a promoted standby) or in another database shows itself. One that was
-- copied file by file and started as if nothing had happened does not: its restore calls hub.renew_epoch().
CREATE OR REPLACE FUNCTION hub.renew_epoch_of_copy() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here text := hub.log_place();
BEGIN
    -- The usual case takes no lock.
    IF (SELECT l.place = here FROM hub.log l) THEN
        RETURN false;
    END IF;
    UPDATE hub.log SET epoch = CASE WHEN place IS NULL THEN epoch ELSE substr(replace(gen_random_uuid()::text, '-', ''), 1, 12) END,
                       renewed_at = CASE WHEN place IS NULL THEN renewed_at ELSE clock_timestamp() END, place = here
     WHERE place IS DISTINCT FROM here;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION hub.renew_epoch_of_copy() IS 'Renews the epoch where this log is a copy of another; part of every lease and migration (副本更新纪元)';
