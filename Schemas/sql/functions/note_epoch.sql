CREATE OR REPLACE FUNCTION hub.note_epoch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO hub.epoch (epoch, began_after, changes_began_after)
    VALUES (NEW.epoch, (SELECT coalesce(max(e.position), 0) FROM hub.event e), (SELECT coalesce(max(c.position), 0) FROM hub.twin_change c));
    RETURN NULL;
END $$;
COMMENT ON FUNCTION hub.note_epoch() IS 'Writes down after which positions a new epoch begins (记录纪元)';
