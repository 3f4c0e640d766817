CREATE OR REPLACE VIEW hub.source_status AS
SELECT s.id AS source_id, s.name, s.department,
       last.run, last.finished_at AS last_run_at,
       coalesce(last.rows_read, 0) AS rows_read, coalesce(last.rows_added, 0) AS rows_added,
       coalesce(last.rows_changed, 0) AS rows_changed, coalesce(last.rows_unchanged, 0) AS rows_unchanged,
       coalesce(last.rows_removed, 0) AS rows_removed, coalesce(last.rows_refused, 0) AS rows_refused,
       coalesce(last.rows_held_back, 0) AS rows_held_back, coalesce(last.events, 0) AS facts,
       coalesce(whole.events, 0) AS facts_total, coalesce(whole.refused, 0) AS refused_total,
       last.adapter_version, extract(epoch FROM now() - last.finished_at) AS lag_seconds,
       s.lease_holder, s.lease_until,
       attempt.started_at AS attempt_started_at, attempt.ended_at AS attempt_ended_at, attempt.outcome AS attempt_outcome,
       attempt.error_kind AS attempt_error_kind, attempt.message AS attempt_message,
       drifted.drift AS drift, drifted.started_at AS drifted_at, attempt.warning AS warning
  FROM hub.source s
  LEFT JOIN LATERAL (
        SELECT b.run, max(b.recorded_at) AS finished_at, sum(b.rows_read) AS rows_read, sum(b.rows_added) AS rows_added,
               sum(b.rows_changed) AS rows_changed, sum(b.rows_unchanged) AS rows_unchanged, sum(b.rows_removed) AS rows_removed,
               sum(b.rows_refused) AS rows_refused, sum(b.rows_held_back) AS rows_held_back, sum(b.events) AS events,
               max(b.adapter_version) AS adapter_version
          FROM hub.batch b
         -- A replay of refused records is no pull, nor is a backfill: the source is as old as before.
         WHERE b.source_id = s.id AND b.run = (
               SELECT b2.run FROM hub.batch b2 WHERE b2.source_id = s.id AND b2.input <> 'quarantine' AND NOT starts_with(b2.input, 'backfill: ') ORDER BY b2.id DESC LIMIT 1)
         GROUP BY b.run) last ON true
  LEFT JOIN LATERAL (
        SELECT sum(b.events) AS events, sum(b.rows_refused) AS refused FROM hub.batch b WHERE b.source_id = s.id) whole ON true
  LEFT JOIN LATERAL (SELECT r.* FROM hub.run_status r WHERE r.source_id = s.id ORDER BY r.id DESC LIMIT 1) attempt ON true
  LEFT JOIN LATERAL (
        SELECT r.drift, r.started_at FROM hub.run r WHERE r.source_id = s.id AND r.drift IS NOT NULL ORDER BY r.id DESC LIMIT 1) drifted ON true;
COMMENT ON VIEW hub.source_status IS 'How each source is: its last run, and all it has told (来源状态)';
COMMENT ON COLUMN hub.source_status.source_id IS 'hub.source.id (来源编号)';
COMMENT ON COLUMN hub.source_status.name IS 'Name of the adapter (适配器名称)';
COMMENT ON COLUMN hub.source_status.department IS 'Department (部门)';
COMMENT ON COLUMN hub.source_status.run IS 'Number of the last run (最近运行)';
COMMENT ON COLUMN hub.source_status.last_run_at IS 'When the last run committed; null where it never ran (最近运行时间)';
COMMENT ON COLUMN hub.source_status.rows_read IS 'Records read in the last run (读取)';
COMMENT ON COLUMN hub.source_status.rows_added IS 'Records new in the last run (新增)';
COMMENT ON COLUMN hub.source_status.rows_changed IS 'Records changed in the last run (变更)';
COMMENT ON COLUMN hub.source_status.rows_unchanged IS 'Records unchanged in the last run (未变)';
COMMENT ON COLUMN hub.source_status.rows_removed IS 'Records that vanished in the last run (移除)';
COMMENT ON COLUMN hub.source_status.rows_refused IS 'Records refused in the last run (隔离)';
COMMENT ON COLUMN hub.source_status.rows_held_back IS 'Removals held back in the last run (暂缓移除)';
COMMENT ON COLUMN hub.source_status.facts IS 'Facts appended in the last run (追加事实)';
COMMENT ON COLUMN hub.source_status.facts_total IS 'Facts of this source in the log (事实总数)';
COMMENT ON COLUMN hub.source_status.refused_total IS 'Records refused in all runs (隔离总数)';
COMMENT ON COLUMN hub.source_status.adapter_version IS 'Version of the manifest (适配器版本)';
COMMENT ON COLUMN hub.source_status.lag_seconds IS 'Seconds since the last run (滞后秒数)';
COMMENT ON COLUMN hub.source_status.lease_holder IS 'Who is writing now (租约持有者)';
COMMENT ON COLUMN hub.source_status.lease_until IS 'Until when (租约到期)';
COMMENT ON COLUMN hub.source_status.attempt_started_at IS 'When the last attempt to run began, failed or not (最近尝试开始)';
COMMENT ON COLUMN hub.source_status.attempt_ended_at IS 'When it ended; null while it runs, and where it was lost (最近尝试结束)';
COMMENT ON COLUMN hub.source_status.attempt_outcome IS 'running, done, failed, cancelled or lost (最近尝试结果)';
COMMENT ON COLUMN hub.source_status.attempt_error_kind IS 'Why it failed (错误类别)';
COMMENT ON COLUMN hub.source_status.attempt_message IS 'What it said; never a value of the source (说明)';
COMMENT ON COLUMN hub.source_status.drift IS 'How its columns changed last: names only (最近结构变化)';
COMMENT ON COLUMN hub.source_status.drifted_at IS 'When the run began that found it (结构变化时间)';
COMMENT ON COLUMN hub.source_status.warning IS 'What was suspicious about the last attempt though it was done (警告)';
