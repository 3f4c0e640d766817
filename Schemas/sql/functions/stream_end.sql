-- The twin's changes have one writer, which waits for the disk before anybody sees them: their last position is settled.
CREATE OR REPLACE FUNCTION hub.stream_end(stream text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE stream WHEN 'log' THEN hub.settled() ELSE (SELECT coalesce(max(c.position), 0) FROM hub.twin_change c) END;
END $$;
COMMENT ON FUNCTION hub.stream_end(text) IS 'Up to where a stream may be read (数据流末端)';
