CREATE OR REPLACE FUNCTION hub.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % is refused', TG_OP
        USING ERRCODE = 'TH002', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME;
END $$;
COMMENT ON FUNCTION hub.refuse() IS 'Refuses to change or delete facts (拒绝修改)';
