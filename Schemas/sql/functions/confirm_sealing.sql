-- The row is held to the end of the batch: an erasure waits for it, and a batch that begins after the erasure is refused.
CREATE OR REPLACE FUNCTION hub.confirm_sealing(generation bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM hub.sealing s WHERE s.generation = confirm_sealing.generation FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a person was erased, or the keys were changed, since this run began' USING ERRCODE = 'TH010';
    END IF;
END $$;
COMMENT ON FUNCTION hub.confirm_sealing(bigint) IS 'Lets a batch with personal data go on, if the keys and erasures it knows are those of now (确认密钥代次)';
