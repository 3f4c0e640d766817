-- Only for shares of which nothing is outstanding.
CREATE OR REPLACE FUNCTION hub.move_buckets(share hub.consumer_share, taken bit(64), member text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF taken = share.buckets THEN
        UPDATE hub.consumer_share s SET member = move_buckets.member WHERE s.consumer = share.consumer AND s.id = share.id;
    ELSE
        UPDATE hub.consumer_share s SET buckets = s.buckets & ~ taken WHERE s.consumer = share.consumer AND s.id = share.id;
        INSERT INTO hub.consumer_share (consumer, member, buckets, position, delivered, examined)
        VALUES (share.consumer, move_buckets.member, taken, share.position, share.position, share.position);
    END IF;
END $$;
COMMENT ON FUNCTION hub.move_buckets(hub.consumer_share, bit, text) IS 'Gives some buckets of a share to a member, or to nobody (转移分桶)';
