-- A row, not a session lock: it holds behind connection poolers too. A lease whose session has gone, as after kill -9, may
-- be taken at once; should its holder live on behind a pooler, the token keeps him from writing.
CREATE OR REPLACE FUNCTION hub.acquire_lease(holder text, seconds integer, OUT token bigint, OUT held_by text, OUT held_until timestamptz, OUT held_since timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine hub.source;
BEGIN
    -- On a restored or promoted copy: before the first position is drawn.
    PERFORM hub.renew_epoch_of_copy();
    SELECT * INTO mine FROM hub.source WHERE id = hub.session_source() FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'role % writes for no source', session_user USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF mine.lease_until > clock_timestamp()
       AND EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = mine.lease_pid AND a.backend_start = mine.lease_start) THEN
        held_by := mine.lease_holder;
        held_until := mine.lease_until;
        held_since := mine.lease_start;
        RETURN;
    END IF;
    token := coalesce(mine.lease_token, 0) + 1;
    UPDATE hub.source
       SET lease_token = token, lease_holder = holder, lease_until = clock_timestamp() + make_interval(secs => seconds),
           lease_pid = pg_backend_pid(), lease_start = (SELECT a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid())
     WHERE id = mine.id;
END $$;
COMMENT ON FUNCTION hub.acquire_lease(text, integer) IS 'Makes the caller the one writer of its source, or says who is (取得租约)';
