CREATE OR REPLACE FUNCTION hub.record_tick() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    horizon bigint := hub.settled();
    moment  timestamptz := date_trunc('second', clock_timestamp());
BEGIN
    -- A clock that was put back writes nothing until it has caught up, and a horizon that stepped back (a writer announced
    -- itself late) neither: time and position never decrease.
    INSERT INTO hub.tick (at, position)
    SELECT moment, horizon
     WHERE NOT EXISTS (SELECT FROM hub.tick t WHERE t.at >= moment)
       AND horizon > coalesce((SELECT t.position FROM hub.tick t ORDER BY t.at DESC LIMIT 1), -1)
    ON CONFLICT DO NOTHING;
    RETURN horizon;
END $$;
COMMENT ON FUNCTION hub.record_tick() IS 'Writes down which position this second is (记录时刻)';
