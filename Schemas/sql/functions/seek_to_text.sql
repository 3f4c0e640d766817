-- What psql makes of an untyped literal: a public id, a position, or a moment.
CREATE OR REPLACE FUNCTION hub.seek(consumer text, target text) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE WHEN target ~ '^[0-9]+$' THEN hub.seek(consumer, target::bigint)
                WHEN target ~ '^[0-9a-f]{12}-[0-9]+$' THEN hub.seek(consumer, hub.position_of(target))
                ELSE hub.seek(consumer, target::timestamptz) END
$$;
COMMENT ON FUNCTION hub.seek(text, text) IS 'Lets a consumer read on after a fact by its public id, after a position, or from a moment (定位)';
