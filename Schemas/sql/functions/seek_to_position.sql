-- Moves the whole consumer; members find their new share with the next poll, and what they were given before cannot be acknowledged.
CREATE OR REPLACE FUNCTION hub.seek(consumer text, "position" bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me      hub.consumer := hub.own_consumer(consumer);
    horizon bigint := hub.stream_end(me.stream);
BEGIN
    IF "position" < 0 THEN
        RAISE EXCEPTION 'positions begin at 0' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF "position" > horizon THEN
        PERFORM hub.refuse_rewound(me.name, "position", horizon);
    END IF;
    PERFORM FROM hub.consumer c WHERE c.name = me.name FOR NO KEY UPDATE;
    DELETE FROM hub.consumer_share s WHERE s.consumer = me.name;
    INSERT INTO hub.consumer_share (consumer, buckets, position, delivered, examined)
    VALUES (me.name, ~ 0::bit(64), seek."position", seek."position", seek."position");
    RETURN seek."position";
END $$;
COMMENT ON FUNCTION hub.seek(text, bigint) IS 'Lets a consumer read on after a position; 0 is the beginning (定位到位置)';
