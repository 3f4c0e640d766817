-- A moment is a position (hub.tick): asked twice, the same.
CREATE OR REPLACE FUNCTION hub.seek(consumer text, moment timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT hub.seek(consumer, hub.position_at(moment))
$$;
COMMENT ON FUNCTION hub.seek(text, timestamptz) IS 'Lets a consumer read on with what was not settled yet at a moment (定位到时刻)';
