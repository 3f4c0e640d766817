CREATE OR REPLACE FUNCTION {twin}.position_at(recorded timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN recorded = 'infinity' THEN 9223372036854775807 ELSE hub.position_at(recorded) END
$$;
COMMENT ON FUNCTION {twin}.position_at(timestamptz) IS 'Up to where facts count that were known at a moment (已知事实的位置)';
