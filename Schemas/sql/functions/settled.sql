-- The settled horizon: no transaction will yet add a fact at or below it. In this order: the last position drawn, then
-- the smallest one announced; the caller reads facts in a new statement, so in a new snapshot. A writer whose
-- announcement was not seen here draws its positions later, above; one that was and has gone had committed before.
CREATE OR REPLACE FUNCTION hub.settled() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    drawn     bigint;
    announced bigint;
BEGIN
    IF pg_is_in_recovery() THEN
        RAISE EXCEPTION 'the settled horizon is known on the primary server only' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the settled horizon needs READ COMMITTED: an older snapshot would miss facts' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT last_value INTO drawn FROM hub.event_position;
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) INTO announced
      FROM pg_locks
     WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = 29800
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
    RETURN least(drawn, announced);
END $$;
COMMENT ON FUNCTION hub.settled() IS 'The settled horizon: every fact at or below it is visible in the next statement (已定位置)';
