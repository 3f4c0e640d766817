CREATE OR REPLACE FUNCTION twin.{view}_at(valid timestamptz DEFAULT 'infinity', recorded timestamptz DEFAULT 'infinity', id text DEFAULT NULL) RETURNS SETOF twin.{quoted}
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF $3 IS NULL THEN
        RETURN QUERY SELECT * FROM {twin}.{view}_all($1, {twin}.position_at($2));
    ELSE
        RETURN QUERY SELECT * FROM {twin}.{view}_one($1, {twin}.position_at($2), $3);
    END IF;
END $$;
COMMENT ON FUNCTION twin.{view}_at(timestamptz, timestamptz, text) IS 'twin.{view} as of a moment in the world (valid), as it was known at another (recorded); of one thing or, without an id, of all: each infinity is the last there is (有效时间与记录时间下的状态)'
