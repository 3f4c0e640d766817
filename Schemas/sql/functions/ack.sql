-- Everything up to the position that the member was given is done. Safe to repeat. Prolongs the lease.
CREATE OR REPLACE FUNCTION hub.ack(consumer text, "position" bigint, member text DEFAULT 'main', lease interval DEFAULT '30 s') RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me    hub.consumer := hub.own_consumer(consumer);
    share hub.consumer_share;
BEGIN
    SELECT * INTO share FROM hub.consumer_share s WHERE s.consumer = me.name AND s.member = ack.member
     ORDER BY s.delivered > s.position DESC, s.position LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lease_lost: % of % was away longer than its lease, or the consumer was moved; what it was given goes to others', member, consumer
            USING ERRCODE = 'TH013', HINT = 'Poll again.';
    END IF;
    IF ack."position" > greatest(share.delivered, share.examined) THEN
        RAISE EXCEPTION 'position % was never handed out to % of %', ack."position", member, consumer
            USING ERRCODE = 'TH012', HINT = 'Acknowledge the position of a fact that a poll has returned.';
    END IF;
    UPDATE hub.consumer_share s
       SET position = CASE WHEN ack."position" >= s.delivered THEN s.examined ELSE greatest(s.position, ack."position") END,
           delivered = CASE WHEN ack."position" >= s.delivered THEN s.examined ELSE s.delivered END,
           delivered_at = CASE WHEN ack."position" < s.delivered THEN s.delivered_at END
     WHERE s.consumer = share.consumer AND s.id = share.id AND ack."position" > s.position;
    UPDATE hub.consumer_member m SET lease_until = clock_timestamp() + lease
     WHERE m.consumer = me.name AND m.member = ack.member AND m.lease_until < clock_timestamp() + lease / 2;
END $$;
COMMENT ON FUNCTION hub.ack(text, bigint, text, interval) IS 'Acknowledges everything up to a position that was handed out (确认)';
