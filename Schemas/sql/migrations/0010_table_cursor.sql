CREATE TABLE hub.cursor (
    source_id  integer NOT NULL DEFAULT split_part(session_user::text, '_adapter_', 2)::integer REFERENCES hub.source,
    stream     text COLLATE "C" NOT NULL,
    value      json NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source_id, stream)
);
COMMENT ON TABLE hub.cursor IS 'How far a stream has been read (读取进度)';
COMMENT ON COLUMN hub.cursor.source_id IS 'Source (来源)';
COMMENT ON COLUMN hub.cursor.stream IS 'Stream of the adapter (数据流)';
COMMENT ON COLUMN hub.cursor.value IS 'Bookmark, offsets, files read, columns seen (游标)';
COMMENT ON COLUMN hub.cursor.updated_at IS 'When it last moved (更新时间)';
