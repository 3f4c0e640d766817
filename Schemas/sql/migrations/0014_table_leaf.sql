-- What the catalogue cannot say of a partition: that it is sealed, and where its facts went when it left the log.
CREATE TABLE hub.leaf (
    name           text COLLATE "C" PRIMARY KEY,
    first_position bigint NOT NULL UNIQUE,
    last_position  bigint NOT NULL CHECK (last_position >= first_position),
    sealed_at      timestamptz,
    archived_at    timestamptz,
    rows           bigint,
    bytes          bigint,
    sha256         bytea CHECK (octet_length(sha256) = 32),
    file           text
);
COMMENT ON TABLE hub.leaf IS 'Partitions of hub.event that were sealed or archived (日志分区)';
COMMENT ON COLUMN hub.leaf.name IS 'Name of the table in schema hub (分区名)';
COMMENT ON COLUMN hub.leaf.first_position IS 'First position that lies in it (首位置)';
COMMENT ON COLUMN hub.leaf.last_position IS 'Last position that lies in it (末位置)';
COMMENT ON COLUMN hub.leaf.sealed_at IS 'When it got its indexes: nothing will be added to it (封存时间)';
COMMENT ON COLUMN hub.leaf.archived_at IS 'When it left the log; its facts are in a file; null where it is in the log (归档时间)';
COMMENT ON COLUMN hub.leaf.rows IS 'Facts in it, counted when it was sealed (事实数)';
COMMENT ON COLUMN hub.leaf.bytes IS 'Size of the archived file (文件大小)';
COMMENT ON COLUMN hub.leaf.sha256 IS 'SHA-256 of the archived file (文件摘要)';
COMMENT ON COLUMN hub.leaf.file IS 'Where the file was written (归档文件)';
