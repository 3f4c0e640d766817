CREATE OR REPLACE FUNCTION hub.position_at(moment timestamptz, stream text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT CASE stream WHEN 'log' THEN hub.position_at(moment)
                       ELSE (SELECT coalesce(max(c.position), 0) FROM hub.twin_change c WHERE c.recorded_at <= moment) END
$$;
COMMENT ON FUNCTION hub.position_at(timestamptz, text) IS 'How far a stream was settled at a moment (时刻的数据流位置)';
