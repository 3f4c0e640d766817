-- What a member took over reads on alone until it has caught up with the rest.
CREATE OR REPLACE FUNCTION hub.join_shares(consumer text, member text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH equal AS (
        SELECT s.position, min(s.id) AS kept, bit_or(s.buckets) AS buckets
          FROM hub.consumer_share s
         WHERE s.consumer = join_shares.consumer AND s.member = join_shares.member AND s.delivered = s.position
         GROUP BY s.position HAVING count(*) > 1
    ), dropped AS (
        DELETE FROM hub.consumer_share s USING equal e
         WHERE s.consumer = join_shares.consumer AND s.member = join_shares.member AND s.delivered = s.position
           AND s.position = e.position AND s.id <> e.kept
    )
    UPDATE hub.consumer_share s SET buckets = e.buckets FROM equal e WHERE s.consumer = join_shares.consumer AND s.id = e.kept
$$;
COMMENT ON FUNCTION hub.join_shares(text, text) IS 'Makes one of a member''s shares that stand at the same position (合并进度)';
