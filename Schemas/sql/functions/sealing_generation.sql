-- Asked by a run before it seals anything. Under a sealing.key that was changed meanwhile it would make keys that nobody can unwrap.
CREATE OR REPLACE FUNCTION hub.sealing_generation(sealing bytea) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM hub.key_check k WHERE k.name = 'sealing.key' AND k.digest <> sealing) THEN
        RAISE EXCEPTION 'sealing.key has been changed' USING ERRCODE = 'TH010';
    END IF;
    RETURN (SELECT s.generation FROM hub.sealing s);
END $$;
COMMENT ON FUNCTION hub.sealing_generation(bytea) IS 'The state of the keys, for a run that knows the digest of its sealing.key (密钥代次)';
