CREATE OR REPLACE VIEW hub.scenario_status AS
SELECT s.name AS source, c.evaluated AS position, h.horizon, greatest(h.horizon - c.evaluated, 0) AS lag_positions,
       coalesce(extract(epoch FROM now() - next.recorded_at), 0) AS lag_seconds, c.evaluated_at, json_array_length(c.rules) AS rules,
       c.position AS kept_position, c.kept_at, octet_length(c.state) AS kept_bytes
  FROM hub.scenario_state c
  JOIN hub.source s ON s.id = c.source_id
 CROSS JOIN (SELECT hub.settled() AS horizon) h
  LEFT JOIN LATERAL (
        SELECT e.recorded_at FROM hub.event e WHERE e.position > c.evaluated AND e.position <= h.horizon ORDER BY e.position LIMIT 1) next ON true;
COMMENT ON VIEW hub.scenario_status IS 'How far the scenarios are behind the log (场景状态)';
COMMENT ON COLUMN hub.scenario_status.source IS 'Source that tells their alerts (来源)';
COMMENT ON COLUMN hub.scenario_status.position IS 'Every fact up to here was evaluated, and what it caused is told (已评估位置)';
COMMENT ON COLUMN hub.scenario_status.horizon IS 'The log''s settled horizon (已定位置)';
COMMENT ON COLUMN hub.scenario_status.lag_positions IS 'Positions between the two (滞后位置数)';
COMMENT ON COLUMN hub.scenario_status.lag_seconds IS 'Age of the oldest fact that was not evaluated yet (滞后秒数)';
COMMENT ON COLUMN hub.scenario_status.evaluated_at IS 'When it last moved (评估时间)';
COMMENT ON COLUMN hub.scenario_status.rules IS 'Rules in force (规则数)';
COMMENT ON COLUMN hub.scenario_status.kept_position IS 'Where a start goes on reading (状态位置)';
COMMENT ON COLUMN hub.scenario_status.kept_at IS 'When the state was kept (保存时间)';
COMMENT ON COLUMN hub.scenario_status.kept_bytes IS 'Size of the kept state (状态大小)';
