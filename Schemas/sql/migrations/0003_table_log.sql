CREATE TABLE hub.log (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch      text NOT NULL DEFAULT substr(replace(gen_random_uuid()::text, '-', ''), 1, 12),
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO hub.log DEFAULT VALUES;
COMMENT ON TABLE hub.log IS 'This log: one row (日志本身)';
COMMENT ON COLUMN hub.log.only_row IS 'Always true: there is one log (唯一行)';
COMMENT ON COLUMN hub.log.epoch IS 'Random; renewed after a restore, since positions after an older backup are drawn again (纪元)';
COMMENT ON COLUMN hub.log.created_at IS 'When the log was created (创建时间)';
