-- From the facts that tell it: names and kinds, never a value. By the subject, which sealed partitions have an index for.
CREATE OR REPLACE VIEW hub.drift AS
SELECT s.name AS source, s.department, e.payload ->> 'stream' AS stream, e.recorded_at AS found_at, c.change, c.column_name, c.before, c.now, e.position
  FROM hub.source s
  JOIN hub.event_type t ON t.name = 'source.drifted'
  JOIN hub.event e ON e.subject = 'source/' || s.name AND e.type_id = t.id AND e.source_id = s.id
 CROSS JOIN LATERAL (
        SELECT 'appeared', a.name, NULL, NULL FROM json_array_elements_text(e.payload -> 'appeared') AS a(name)
         UNION ALL
        SELECT 'vanished', v.name, NULL, NULL FROM json_array_elements_text(e.payload -> 'vanished') AS v(name)
         UNION ALL
        SELECT 'retyped', r.value ->> 'column', r.value ->> 'before', r.value ->> 'now' FROM json_array_elements(e.payload -> 'retyped') AS r(value)
       ) AS c(change, column_name, before, now);
COMMENT ON VIEW hub.drift IS 'How the columns of each source have changed, one row a column and change (结构变化历史)';
COMMENT ON COLUMN hub.drift.source IS 'Name of the adapter (适配器名称)';
COMMENT ON COLUMN hub.drift.department IS 'Department (部门)';
COMMENT ON COLUMN hub.drift.stream IS 'Stream of the adapter (数据流)';
COMMENT ON COLUMN hub.drift.found_at IS 'When it was noticed (发现时间)';
COMMENT ON COLUMN hub.drift.change IS 'appeared, vanished or retyped (变化)';
COMMENT ON COLUMN hub.drift.column_name IS 'The column (列名)';
COMMENT ON COLUMN hub.drift.before IS 'Of a retyped one: the kinds of its values before (之前类型)';
COMMENT ON COLUMN hub.drift.now IS 'Of a retyped one: the kinds of its values now (当前类型)';
COMMENT ON COLUMN hub.drift.position IS 'Position of the fact in the log (日志位置)';
