CREATE OR REPLACE VIEW hub.consumers AS
SELECT c.name, c.owner, c.stream, c.filter, s.position, h.horizon, greatest(h.horizon - s.position, 0) AS lag_facts,
       coalesce(extract(epoch FROM now() - next.recorded_at), 0) AS lag_seconds,
       s.delivered_at AS oldest_unacknowledged,
       (SELECT coalesce(array_agg(m.member ORDER BY m.member), '{}') FROM hub.consumer_member m
         WHERE m.consumer = c.name AND m.lease_until >= now()) AS members
  FROM hub.consumer c
 CROSS JOIN LATERAL (SELECT hub.stream_end(c.stream) AS horizon) h
 CROSS JOIN LATERAL (
        SELECT min(p.position) AS position, min(p.delivered_at) FILTER (WHERE p.delivered > p.position) AS delivered_at
          FROM hub.consumer_share p WHERE p.consumer = c.name) s
  LEFT JOIN LATERAL (
        SELECT n.recorded_at FROM (
            SELECT e.recorded_at, e.position FROM hub.event e WHERE c.stream = 'log' AND e.position > s.position AND e.position <= h.horizon
             ORDER BY e.position LIMIT 1) n
         UNION ALL
        (SELECT t.recorded_at FROM hub.twin_change t WHERE c.stream = 'twin' AND t.position > s.position ORDER BY t.position LIMIT 1)) next ON true;
COMMENT ON VIEW hub.consumers IS 'How far each consumer is behind its stream (消费者状态)';
COMMENT ON COLUMN hub.consumers.name IS 'Consumer (消费者)';
COMMENT ON COLUMN hub.consumers.owner IS 'Login role that may use it (所有者)';
COMMENT ON COLUMN hub.consumers.stream IS 'What it reads: log or twin (数据流)';
COMMENT ON COLUMN hub.consumers.filter IS 'What it wants of it (筛选)';
COMMENT ON COLUMN hub.consumers.position IS 'Everything up to here is acknowledged by all members (已确认位置)';
COMMENT ON COLUMN hub.consumers.horizon IS 'How far the stream is settled (已定位置)';
COMMENT ON COLUMN hub.consumers.lag_facts IS 'Positions between the two: facts, whether the filter wants them or not (滞后条数)';
COMMENT ON COLUMN hub.consumers.lag_seconds IS 'Age of the oldest fact that is not acknowledged (滞后秒数)';
COMMENT ON COLUMN hub.consumers.oldest_unacknowledged IS 'When the oldest facts were handed out that nobody has acknowledged (最早未确认时间)';
COMMENT ON COLUMN hub.consumers.members IS 'Members whose lease holds (成员)';
