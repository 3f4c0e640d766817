CREATE TABLE hub.key_backup (
    name       text COLLATE "C" PRIMARY KEY,
    taken_at   timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    folder     text NOT NULL,
    sealing    bytea,
    checked_at timestamptz,
    CHECK (expires_at > taken_at)
);
COMMENT ON TABLE hub.key_backup IS 'Copies of the key files, kept apart from backups of the data (密钥备份)';
COMMENT ON COLUMN hub.key_backup.name IS 'Name of its folder (名称)';
COMMENT ON COLUMN hub.key_backup.taken_at IS 'When it was taken (备份时间)';
COMMENT ON COLUMN hub.key_backup.expires_at IS 'When it must be destroyed: until then it may bring back what was erased since (到期时间)';
COMMENT ON COLUMN hub.key_backup.folder IS 'Where it was written (位置)';
COMMENT ON COLUMN hub.key_backup.sealing IS 'Digest of its sealing.key, as in hub.key_check; null where there was none (密钥摘要)';
COMMENT ON COLUMN hub.key_backup.checked_at IS 'When it was last compared with what it should hold (核对时间)';
