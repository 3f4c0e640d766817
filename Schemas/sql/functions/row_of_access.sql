CREATE OR REPLACE FUNCTION hub.row_of_access(access bigint, OUT raw bytea, OUT sealed boolean) RETURNS record
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT q.raw, q.sealed INTO row_of_access.raw, row_of_access.sealed FROM hub.quarantine q
     WHERE q.id = hub.granted_access(row_of_access.access, 'quarantine')::bigint;
END $$;
COMMENT ON FUNCTION hub.row_of_access(bigint) IS 'The refused record that the caller has asked to open (打开隔离记录)';
