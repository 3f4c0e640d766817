-- What psql makes of an untyped literal: a public id, a position, or a moment.
CREATE OR REPLACE FUNCTION hub.seek(consumer text, target text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me hub.consumer := hub.own_consumer(consumer);
BEGIN
    IF target ~ '^[0-9a-f]{12}-t?[0-9]+$' THEN
        IF (me.stream = 'twin') <> (target ~ '-t') THEN
            RAISE EXCEPTION 'the id % is not of the stream that % reads', target, consumer USING ERRCODE = 'invalid_parameter_value';
        END IF;
        RETURN hub.seek(consumer, hub.position_of(target));
    END IF;
    RETURN CASE WHEN target ~ '^[0-9]+$' THEN hub.seek(consumer, target::bigint) ELSE hub.seek(consumer, target::timestamptz) END;
END $$;
COMMENT ON FUNCTION hub.seek(text, text) IS 'Lets a consumer read on after a fact by its public id, after a position, or from a moment (定位)';
