CREATE TABLE hub.published_table (
    name     text COLLATE "C" PRIMARY KEY,
    added_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hub.published_table IS 'Tables behind the twin that are published; each rebuild publishes those of its generation instead (已发布表)';
COMMENT ON COLUMN hub.published_table.name IS 'Name of the table, without its generation''s schema (表名)';
COMMENT ON COLUMN hub.published_table.added_at IS 'When it was chosen (选定时间)';
