CREATE OR REPLACE VIEW hub.projector_status AS
SELECT c.projector, c.position, h.horizon, greatest(h.horizon - c.position, 0) AS lag_positions,
       coalesce(extract(epoch FROM now() - next.recorded_at), 0) AS lag_seconds, c.updated_at
  FROM hub.checkpoint c
 CROSS JOIN (SELECT hub.settled() AS horizon) h
  LEFT JOIN LATERAL (
        SELECT e.recorded_at FROM hub.event e WHERE e.position > c.position AND e.position <= h.horizon ORDER BY e.position LIMIT 1) next ON true;
COMMENT ON VIEW hub.projector_status IS 'How far each projector is behind the log (投影状态)';
COMMENT ON COLUMN hub.projector_status.projector IS 'Name of the projector (投影器)';
COMMENT ON COLUMN hub.projector_status.position IS 'Every fact up to here is folded (已投影位置)';
COMMENT ON COLUMN hub.projector_status.horizon IS 'The log''s settled horizon (已定位置)';
COMMENT ON COLUMN hub.projector_status.lag_positions IS 'Positions between the two (滞后位置数)';
COMMENT ON COLUMN hub.projector_status.lag_seconds IS 'Age of the oldest fact that is not folded yet (滞后秒数)';
COMMENT ON COLUMN hub.projector_status.updated_at IS 'When it last moved (更新时间)';
