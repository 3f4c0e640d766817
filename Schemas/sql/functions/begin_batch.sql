-- The fence: the source's row is locked for the whole transaction, by the lease's token. A writer that slept past its
-- lease finds another token and commits nothing. Where a partition ahead of the sequence is missing, hub.ensure_leaves is to be called
-- first, in a transaction of its own: what it locks is free before the facts come.
CREATE OR REPLACE FUNCTION hub.begin_batch(
    token bigint, seconds integer, OUT id bigint, OUT source text, OUT previous_digest bytea, OUT recorded_at timestamptz, OUT after bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    leaf_size bigint;
    lease_until timestamptz;
BEGIN
    SELECT s.name, s.lease_until INTO source, lease_until FROM hub.source s
     WHERE s.id = hub.session_source() AND s.lease_token = begin_batch.token FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease on this source has passed to another writer' USING ERRCODE = 'TH001';
    END IF;
    -- Not for each of many small batches: every row version that it leaves is one more for the next to pass.
    IF lease_until < clock_timestamp() + make_interval(secs => seconds / 2.0) THEN
        UPDATE hub.source s SET lease_until = clock_timestamp() + make_interval(secs => seconds) WHERE s.id = hub.session_source();
    END IF;
    id := nextval('hub.batch_id');
    recorded_at := now();
    SELECT b.digest INTO previous_digest FROM hub.batch b WHERE b.source_id = hub.session_source() ORDER BY b.id DESC LIMIT 1;
    previous_digest := coalesce(previous_digest, decode(repeat('00', 32), 'hex'));
    SELECT s.last_value, l.leaf_size INTO after, leaf_size FROM hub.event_position s, hub.log l;
    IF to_regclass(format('hub.event_%s', after / leaf_size + 2)) IS NULL THEN
        RAISE EXCEPTION 'partitions of the log are missing' USING ERRCODE = 'TH003', HINT = 'Call hub.ensure_leaves() and begin again.';
    END IF;
END $$;
COMMENT ON FUNCTION hub.begin_batch(bigint, integer) IS 'Starts a batch under the lease, prolongs it, and says what the batch''s digest needs (开始批次)';
