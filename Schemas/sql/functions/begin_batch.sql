-- The fence: the source's row is locked for the whole transaction, by the lease's token. A writer that slept past its
-- lease finds another token and commits nothing.
CREATE OR REPLACE FUNCTION hub.begin_batch(token bigint, seconds integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE hub.source SET lease_until = clock_timestamp() + make_interval(secs => seconds)
     WHERE id = hub.session_source() AND lease_token = begin_batch.token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease on this source has passed to another writer' USING ERRCODE = 'TH001';
    END IF;
    RETURN nextval('hub.batch_id');
END $$;
COMMENT ON FUNCTION hub.begin_batch(bigint, integer) IS 'Starts a batch under the lease, prolongs it, and returns the batch''s number (开始批次)';
