CREATE TABLE hub.stream_state_block (
    state_id bigint NOT NULL REFERENCES hub.stream_state,
    number   bigint NOT NULL,
    stream   text COLLATE "C" NOT NULL,
    batch_id bigint NOT NULL,
    entries  bytea NOT NULL,
    subjects bytea,
    PRIMARY KEY (state_id, number)
);
ALTER TABLE hub.stream_state_block ALTER COLUMN entries SET STORAGE EXTERNAL;
COMMENT ON TABLE hub.stream_state_block IS 'The fingerprints of a stream that was reset, as they stood in hub.fingerprint (历史指纹)';
COMMENT ON COLUMN hub.stream_state_block.state_id IS 'State that they are a part of (状态编号)';
COMMENT ON COLUMN hub.stream_state_block.number IS 'hub.fingerprint.number (序号)';
COMMENT ON COLUMN hub.stream_state_block.stream IS 'hub.fingerprint.stream (数据流)';
COMMENT ON COLUMN hub.stream_state_block.batch_id IS 'hub.fingerprint.batch_id (批次)';
COMMENT ON COLUMN hub.stream_state_block.entries IS 'hub.fingerprint.entries (条目)';
COMMENT ON COLUMN hub.stream_state_block.subjects IS 'hub.fingerprint.subjects (主体)';
