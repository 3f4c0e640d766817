CREATE OR REPLACE FUNCTION hub.note_epoch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.epoch (epoch, began_after) VALUES (NEW.epoch, (SELECT coalesce(max(e.position), 0) FROM hub.event e));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION hub.note_epoch() IS 'Writes down after which position a new epoch begins (记录纪元)';
