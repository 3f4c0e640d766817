CREATE OR REPLACE FUNCTION hub.position_at(moment timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce((SELECT t.position FROM hub.tick t WHERE t.at <= moment ORDER BY t.at DESC LIMIT 1), 0)
$$;
COMMENT ON FUNCTION hub.position_at(timestamptz) IS 'What was settled at a moment, by the last tick up to it; 0 before the first (时刻的位置)';
