-- The usual poll writes nothing here: a lease is prolonged when half of it is over, and buckets move when somebody came or went.
CREATE OR REPLACE FUNCTION hub.keep_membership(consumer text, member text, lease interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moment  timestamptz := clock_timestamp();
    own     timestamptz;
    members bigint;
    before  bigint;
    expired boolean;
    mine    bigint;
    shares  bigint;
    waiting boolean;
BEGIN
    SELECT max(m.lease_until) FILTER (WHERE m.member = keep_membership.member), count(*),
           count(*) FILTER (WHERE m.member < keep_membership.member),
           coalesce(bool_or(m.lease_until < moment AND m.member <> keep_membership.member), false)
      INTO own, members, before, expired
      FROM hub.consumer_member m WHERE m.consumer = keep_membership.consumer;
    SELECT coalesce(sum(bit_count(s.buckets)) FILTER (WHERE s.member = keep_membership.member), 0),
           count(*) FILTER (WHERE s.member = keep_membership.member), bool_or(s.member IS NULL)
      INTO mine, shares, waiting
      FROM hub.consumer_share s WHERE s.consumer = keep_membership.consumer;
    IF own IS NULL OR expired OR waiting OR mine > hub.fair_share(members, before) THEN
        PERFORM hub.balance_consumer(consumer, member, lease);
    ELSIF own < moment + lease / 2 THEN
        UPDATE hub.consumer_member m SET lease_until = moment + lease
         WHERE m.consumer = keep_membership.consumer AND m.member = keep_membership.member;
    END IF;
    IF shares > 1 THEN
        PERFORM hub.join_shares(consumer, member);
    END IF;
END $$;
COMMENT ON FUNCTION hub.keep_membership(text, text, interval) IS 'Prolongs a member''s lease, and balances buckets where somebody came or went (续租)';
