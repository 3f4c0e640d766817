-- Through the partition root: a subscriber sees one table. Decoded in the order of commits, which is not that of positions.
CREATE PUBLICATION twinhub_log FOR TABLE hub.event WITH (publish = 'insert', publish_via_partition_root = true);
COMMENT ON PUBLICATION twinhub_log IS 'The log for logical replication: facts in the order of commits; sort by position (日志发布)';
