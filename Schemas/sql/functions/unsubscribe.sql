CREATE OR REPLACE FUNCTION hub.unsubscribe(consumer text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM hub.consumer c WHERE c.name = unsubscribe.consumer) THEN
        RETURN false;
    END IF;
    PERFORM hub.own_consumer(consumer);
    DELETE FROM hub.consumer c WHERE c.name = unsubscribe.consumer;
    RETURN true;
END $$;
COMMENT ON FUNCTION hub.unsubscribe(text) IS 'Forgets a consumer and its progress; false where there is none (退订)';
