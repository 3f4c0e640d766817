CREATE OR REPLACE FUNCTION hub.own_consumer(consumer text) RETURNS hub.consumer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine hub.consumer;
BEGIN
    SELECT * INTO mine FROM hub.consumer c WHERE c.name = own_consumer.consumer;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no consumer %', consumer USING ERRCODE = 'TH010', HINT = format('SELECT hub.subscribe(%L)', consumer);
    END IF;
    -- The owner's role may have been dropped since: then only the hub's owner can use it.
    IF session_user <> mine.owner AND NOT pg_has_role(session_user, (SELECT nspowner FROM pg_namespace WHERE nspname = 'hub'), 'MEMBER') THEN
        RAISE EXCEPTION 'the consumer % belongs to another role', consumer USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN mine;
END $$;
COMMENT ON FUNCTION hub.own_consumer(text) IS 'A consumer that the caller may use, or an error (本人的消费者)';
