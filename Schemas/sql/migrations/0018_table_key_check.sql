-- The keys themselves are files outside the database. Under another key every pseudonym would be another person's.
CREATE TABLE hub.key_check (
    name     text COLLATE "C" PRIMARY KEY,
    digest   bytea NOT NULL CHECK (octet_length(digest) = 32),
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hub.key_check IS 'By which the key files of this hub are recognised; says nothing about the keys (密钥核对)';
COMMENT ON COLUMN hub.key_check.name IS 'Name of the key file (密钥文件名)';
COMMENT ON COLUMN hub.key_check.digest IS 'SHA-256 of a fixed text, the name and the 32 random bytes of the key (核对摘要)';
COMMENT ON COLUMN hub.key_check.noted_at IS 'When the key was first used (首次使用时间)';
