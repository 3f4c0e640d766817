-- The fence: the source's row is locked for the whole transaction, by the lease's token. A writer that slept past its
-- lease finds another token and commits nothing.
CREATE OR REPLACE FUNCTION hub.begin_batch(
    token bigint, seconds integer, OUT id bigint, OUT source text, OUT previous_digest bytea, OUT recorded_at timestamptz, OUT after bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE hub.source s SET lease_until = clock_timestamp() + make_interval(secs => seconds)
     WHERE s.id = hub.session_source() AND s.lease_token = begin_batch.token
    RETURNING s.name INTO source;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease on this source has passed to another writer' USING ERRCODE = 'TH001';
    END IF;
    id := nextval('hub.batch_id');
    recorded_at := now();
    SELECT b.digest INTO previous_digest FROM hub.batch b WHERE b.source_id = (SELECT hub.session_source()) ORDER BY b.id DESC LIMIT 1;
    previous_digest := coalesce(previous_digest, decode(repeat('00', 32), 'hex'));
    SELECT last_value INTO after FROM hub.event_position;
END $$;
COMMENT ON FUNCTION hub.begin_batch(bigint, integer) IS 'Starts a batch under the lease, prolongs it, and says what the batch''s digest needs (开始批次)';
