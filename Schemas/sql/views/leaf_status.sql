CREATE OR REPLACE VIEW hub.leaf_status AS
SELECT coalesce(c.relname::text, l.name) AS name,
       coalesce(l.first_position, substr(c.relname, 7)::bigint * o.leaf_size) AS first_position,
       coalesce(l.last_position, (substr(c.relname, 7)::bigint + 1) * o.leaf_size - 1) AS last_position,
       coalesce(l.rows, greatest(c.reltuples, 0)::bigint) AS rows,
       coalesce(pg_total_relation_size(to_regclass('hub.' || coalesce(c.relname::text, l.name))), l.bytes) AS bytes,
       c.relname IS NOT NULL AS is_attached,
       to_regclass('hub.' || coalesce(c.relname::text, l.name)) IS NOT NULL AS is_here,
       l.sealed_at, l.archived_at, l.file, l.sha256
  FROM (SELECT k.relname, k.reltuples FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid
         WHERE i.inhparent = 'hub.event'::regclass AND NOT i.inhdetachpending) c
  FULL JOIN hub.leaf l ON l.name = c.relname
 CROSS JOIN hub.log o;
COMMENT ON VIEW hub.leaf_status IS 'The partitions of the log, those that were archived too (分区状态)';
COMMENT ON COLUMN hub.leaf_status.name IS 'Name of the table in schema hub (分区名)';
COMMENT ON COLUMN hub.leaf_status.first_position IS 'First position that lies in it (首位置)';
COMMENT ON COLUMN hub.leaf_status.last_position IS 'Last position that lies in it (末位置)';
COMMENT ON COLUMN hub.leaf_status.rows IS 'Facts in it: counted where it is sealed, else the planner''s estimate (事实数)';
COMMENT ON COLUMN hub.leaf_status.bytes IS 'Size with indexes, or of the file where only that is left (大小)';
COMMENT ON COLUMN hub.leaf_status.is_attached IS 'Whether its facts are in the log (是否接入)';
COMMENT ON COLUMN hub.leaf_status.is_here IS 'Whether the table is still in the database (是否在库)';
COMMENT ON COLUMN hub.leaf_status.sealed_at IS 'When it got its indexes (封存时间)';
COMMENT ON COLUMN hub.leaf_status.archived_at IS 'When it left the log (归档时间)';
COMMENT ON COLUMN hub.leaf_status.file IS 'Where the file was written (归档文件)';
COMMENT ON COLUMN hub.leaf_status.sha256 IS 'SHA-256 of the file (文件摘要)';
