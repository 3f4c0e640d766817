-- A moment is a position (hub.tick; of the twin's changes the last one that was written by then): asked twice, the same.
CREATE OR REPLACE FUNCTION hub.seek(consumer text, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.consumer := hub.own_consumer(consumer);
BEGIN
    RETURN hub.seek(consumer, hub.position_at(moment, me.stream));
END $$;
COMMENT ON FUNCTION hub.seek(text, timestamptz) IS 'Lets a consumer read on with what was not settled yet at a moment (定位到时刻)';
