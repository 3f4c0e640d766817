-- Announces, before any position is drawn, the position after which this transaction's facts will stand: a shared
-- advisory lock on it, held to the end of the transaction. hub.settled() reads the smallest one.
-- Once a transaction: 30,000 single INSERTs would otherwise fill the lock table. A savepoint's rollback undoes the
-- setting and the lock together.
CREATE OR REPLACE FUNCTION hub.announce() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('hub.announced', true) IS DISTINCT FROM 'yes' THEN
        PERFORM pg_advisory_xact_lock_shared(hub.position_key(last_value)), set_config('hub.announced', 'yes', true) FROM hub.event_position;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION hub.announce() IS 'Announces the positions that this transaction is about to draw (预告位置)';
