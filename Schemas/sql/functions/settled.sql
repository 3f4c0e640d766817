-- The settled horizon: no transaction will yet add a fact at or below it. In this order: the last position drawn, then
-- the smallest one announced; the caller reads facts in a new statement, so in a new snapshot. A writer whose
-- announcement was not seen here draws its positions later, above; one that was and has gone had committed before.
-- And never above the last fact that is visible: positions that a rolled-back writer drew may be forgotten in a crash and
-- drawn again, so nobody may be told that they are settled. A visible fact is on the disk, and the sequence with it.
CREATE OR REPLACE FUNCTION hub.settled() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    drawn     bigint;
    announced bigint;
    visible   bigint;
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
    SELECT e.position INTO visible FROM hub.event e WHERE e.position <= least(drawn, announced) ORDER BY e.position DESC LIMIT 1;
    RETURN coalesce(visible, 0);
END $$;
COMMENT ON FUNCTION hub.settled() IS 'The settled horizon: every fact at or below it is visible in the next statement (已定位置)';
