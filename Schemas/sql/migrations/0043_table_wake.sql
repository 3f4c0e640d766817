CREATE TABLE hub.wake (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    at       timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 10);
INSERT INTO hub.wake DEFAULT VALUES;
COMMENT ON TABLE hub.wake IS 'When readers were last woken by NOTIFY: one row for all who write (唤醒)';
COMMENT ON COLUMN hub.wake.only_row IS 'Always true (唯一行)';
COMMENT ON COLUMN hub.wake.at IS 'When (时间)';
