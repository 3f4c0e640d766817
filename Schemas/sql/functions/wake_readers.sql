-- To be called after the commit of what is to be read: a NOTIFY inside an append would queue all appends behind one lock. At most one
-- in 50 ms, whoever writes. Whoever calls holds nothing up: a row that another holds means that he is about to wake them.
CREATE OR REPLACE FUNCTION hub.wake_readers() RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Only a hint: nobody waits for the disk.
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE hub.wake w SET at = clock_timestamp()
      FROM (SELECT d.only_row FROM hub.wake d
             WHERE d.at NOT BETWEEN clock_timestamp() - interval '50 ms' AND clock_timestamp() FOR UPDATE SKIP LOCKED) due
     WHERE w.only_row = due.only_row;
    IF FOUND THEN
        PERFORM pg_notify('hub', '');
    END IF;
    RETURN FOUND;
END $$;
COMMENT ON FUNCTION hub.wake_readers() IS 'Wakes those who LISTEN, at most once in 50 ms; says whether they were (唤醒读者)';
