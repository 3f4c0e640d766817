CREATE OR REPLACE VIEW hub.run_status AS
SELECT r.id, r.source_id, s.name, s.department, r.adapter_version, r.started_at, r.ended_at,
       CASE WHEN r.outcome IS NOT NULL THEN r.outcome WHEN hub.session_lives(r.pid, r.started_at) THEN 'running' ELSE 'lost' END AS outcome,
       r.error_kind, r.message, r.token AS run, extract(epoch FROM r.ended_at - r.started_at) AS seconds,
       r.rows_read, r.rows_added, r.rows_changed, r.rows_unchanged, r.rows_removed, r.rows_refused, r.rows_held_back, r.facts, r.drift, r.metrics, r.warning
  FROM hub.run r JOIN hub.source s ON s.id = r.source_id;
COMMENT ON VIEW hub.run_status IS 'Every run of every source and what became of it (运行状态)';
COMMENT ON COLUMN hub.run_status.id IS 'Number of the run (运行编号)';
COMMENT ON COLUMN hub.run_status.source_id IS 'hub.source.id (来源编号)';
COMMENT ON COLUMN hub.run_status.name IS 'Name of the adapter (适配器名称)';
COMMENT ON COLUMN hub.run_status.department IS 'Department (部门)';
COMMENT ON COLUMN hub.run_status.adapter_version IS 'Version of the manifest; empty where it could not be read (适配器版本)';
COMMENT ON COLUMN hub.run_status.started_at IS 'When it began (开始时间)';
COMMENT ON COLUMN hub.run_status.ended_at IS 'When it ended; null while it runs, and where it was lost (结束时间)';
COMMENT ON COLUMN hub.run_status.outcome IS 'running, done, failed, cancelled, or lost: its session is gone and it never said how it ended (结果)';
COMMENT ON COLUMN hub.run_status.error_kind IS 'Why it failed (错误类别)';
COMMENT ON COLUMN hub.run_status.message IS 'What it said; never a value of the source (说明)';
COMMENT ON COLUMN hub.run_status.run IS 'hub.batch.run of its batches (批次运行编号)';
COMMENT ON COLUMN hub.run_status.seconds IS 'How long it took (耗时秒数)';
COMMENT ON COLUMN hub.run_status.rows_read IS 'Records read and committed (读取)';
COMMENT ON COLUMN hub.run_status.rows_added IS 'Records new to the hub (新增)';
COMMENT ON COLUMN hub.run_status.rows_changed IS 'Records with new content (变更)';
COMMENT ON COLUMN hub.run_status.rows_unchanged IS 'Records that said nothing new (未变)';
COMMENT ON COLUMN hub.run_status.rows_removed IS 'Records that vanished (移除)';
COMMENT ON COLUMN hub.run_status.rows_refused IS 'Records refused (隔离)';
COMMENT ON COLUMN hub.run_status.rows_held_back IS 'Removals held back (暂缓移除)';
COMMENT ON COLUMN hub.run_status.facts IS 'Facts appended (追加事实)';
COMMENT ON COLUMN hub.run_status.drift IS 'How the source''s columns changed: names only (结构变化)';
COMMENT ON COLUMN hub.run_status.metrics IS 'What the source''s programs measured of themselves (程序自报指标)';
COMMENT ON COLUMN hub.run_status.warning IS 'What was suspicious though it was done (警告)';
