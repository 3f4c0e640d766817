-- What sealed values are opened with. A key belongs to one person and one source: a source has one writer, so nobody meets anybody here,
-- and no source can open another's values. Each is wrapped by the key in the file sealing.key, outside the database.
CREATE TABLE hub.subject_key (
    id         text COLLATE "C" PRIMARY KEY,
    source_id  integer NOT NULL REFERENCES hub.source,
    subject    text COLLATE "C" NOT NULL,
    wrapped    bytea NOT NULL CHECK (octet_length(wrapped) = 60),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source_id, subject)
);
CREATE INDEX subject_key_of_subject ON hub.subject_key (subject);
COMMENT ON TABLE hub.subject_key IS 'Keys of sealed values, one a person and source, wrapped; destroying them erases (个人数据密钥)';
COMMENT ON COLUMN hub.subject_key.id IS 'Random name of the key; stands in each value that it sealed (密钥编号)';
COMMENT ON COLUMN hub.subject_key.source_id IS 'Source whose values it seals (来源)';
COMMENT ON COLUMN hub.subject_key.subject IS 'Whose values: the person''s pseudonym (个人假名)';
COMMENT ON COLUMN hub.subject_key.wrapped IS 'The key by AES-256-GCM under sealing.key: nonce, 32 bytes, tag (加密后的密钥)';
COMMENT ON COLUMN hub.subject_key.created_at IS 'When it was made (创建时间)';
