CREATE TABLE hub.fingerprint (
    source_id integer NOT NULL DEFAULT split_part(session_user::text, '_adapter_', 2)::integer REFERENCES hub.source,
    stream    text COLLATE "C" NOT NULL,
    number    bigint GENERATED ALWAYS AS IDENTITY,
    batch_id  bigint NOT NULL,
    entries   bytea NOT NULL,
    subjects  bytea,
    PRIMARY KEY (source_id, stream, number)
);
-- Hashes do not compress.
ALTER TABLE hub.fingerprint ALTER COLUMN entries SET STORAGE EXTERNAL;
COMMENT ON TABLE hub.fingerprint IS 'What a source has already told, as blocks of hashes: one a batch (指纹)';
COMMENT ON COLUMN hub.fingerprint.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.fingerprint.stream IS 'Stream of the adapter (数据流)';
COMMENT ON COLUMN hub.fingerprint.number IS 'Order of the blocks: a later entry replaces an earlier one (序号)';
COMMENT ON COLUMN hub.fingerprint.batch_id IS 'Batch that wrote it (批次)';
COMMENT ON COLUMN hub.fingerprint.entries IS '24 bytes an entry: 16 of the key''s hash, 8 of the content''s; content 0 is a deletion (条目)';
COMMENT ON COLUMN hub.fingerprint.subjects IS 'Subjects of the records, by which a vanished one can be told (主体)';
