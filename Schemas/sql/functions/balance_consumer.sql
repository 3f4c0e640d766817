-- Buckets go from member to member only while nothing of them is outstanding, or when the lease of their member has ended: so the
-- order of a subject's facts holds while members come, go and die. Rows that somebody holds are left for the next time: whoever
-- holds them is alive, and nobody waits for anybody.
CREATE OR REPLACE FUNCTION hub.balance_consumer(consumer text, member text, lease interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fair  integer;
    mine  integer;
    taken bit(64);
    share hub.consumer_share;
BEGIN
    PERFORM FROM hub.consumer c WHERE c.name = balance_consumer.consumer FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO hub.consumer_member VALUES (balance_consumer.consumer, balance_consumer.member, clock_timestamp() + lease)
    ON CONFLICT ON CONSTRAINT consumer_member_pkey DO UPDATE SET lease_until = excluded.lease_until;
    DELETE FROM hub.consumer_member m USING (
        SELECT e.consumer, e.member FROM hub.consumer_member e
         WHERE e.consumer = balance_consumer.consumer AND e.lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED) expired
     WHERE m.consumer = expired.consumer AND m.member = expired.member;
    UPDATE hub.consumer_share s SET member = NULL, delivered = s.position, examined = s.position FROM (
        SELECT e.consumer, e.id FROM hub.consumer_share e
         WHERE e.consumer = balance_consumer.consumer AND e.member IS NOT NULL
           AND NOT EXISTS (SELECT FROM hub.consumer_member m WHERE m.consumer = e.consumer AND m.member = e.member)
           FOR UPDATE SKIP LOCKED) orphan
     WHERE s.consumer = orphan.consumer AND s.id = orphan.id;

    SELECT hub.fair_share(count(*), count(*) FILTER (WHERE m.member < balance_consumer.member)) INTO fair
      FROM hub.consumer_member m WHERE m.consumer = balance_consumer.consumer;
    SELECT coalesce(sum(bit_count(s.buckets)), 0) INTO mine
      FROM hub.consumer_share s WHERE s.consumer = balance_consumer.consumer AND s.member = balance_consumer.member;
    FOR share IN
        SELECT * FROM hub.consumer_share s
         WHERE s.consumer = balance_consumer.consumer AND s.member = balance_consumer.member AND s.delivered = s.position AND mine > fair
         ORDER BY s.position DESC FOR UPDATE SKIP LOCKED
    LOOP
        EXIT WHEN mine <= fair;
        taken := hub.bucket_subset(share.buckets, mine - fair);
        PERFORM hub.move_buckets(share, taken, NULL);
        mine := mine - bit_count(taken);
    END LOOP;
    FOR share IN
        SELECT * FROM hub.consumer_share s WHERE s.consumer = balance_consumer.consumer AND s.member IS NULL AND mine < fair
         ORDER BY s.position FOR UPDATE SKIP LOCKED
    LOOP
        EXIT WHEN mine >= fair;
        taken := hub.bucket_subset(share.buckets, fair - mine);
        PERFORM hub.move_buckets(share, taken, member);
        mine := mine + bit_count(taken);
    END LOOP;
END $$;
COMMENT ON FUNCTION hub.balance_consumer(text, text, interval) IS 'Takes a member in, takes over from those that are gone, gives up or takes buckets (均衡分桶)';
