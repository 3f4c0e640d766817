-- Written after each backup, so that the hub itself knows whether there is one, and whether it was ever tried.
CREATE TABLE hub.backup (
    name              text COLLATE "C" PRIMARY KEY,
    taken_at          timestamptz NOT NULL,
    position          bigint NOT NULL,
    bytes             bigint NOT NULL,
    folder            text NOT NULL,
    rehearsed_at      timestamptz,
    rehearsal_seconds double precision
);
COMMENT ON TABLE hub.backup IS 'Backups of this hub, and whether they were tried (备份)';
COMMENT ON COLUMN hub.backup.name IS 'Name of its folder (备份名称)';
COMMENT ON COLUMN hub.backup.taken_at IS 'Moment whose state it holds (备份时间)';
COMMENT ON COLUMN hub.backup.position IS 'Last position in it (末位置)';
COMMENT ON COLUMN hub.backup.bytes IS 'Size of its files (大小)';
COMMENT ON COLUMN hub.backup.folder IS 'Where it was written; it may have been moved since (写入位置)';
COMMENT ON COLUMN hub.backup.rehearsed_at IS 'When it was last restored as a rehearsal, with success (演练时间)';
COMMENT ON COLUMN hub.backup.rehearsal_seconds IS 'How long that took (演练耗时)';
