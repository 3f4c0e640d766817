CREATE TABLE hub.epoch (
    epoch       text COLLATE "C" PRIMARY KEY,
    began_after bigint NOT NULL,
    began_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO hub.epoch (epoch, began_after, began_at) SELECT l.epoch, 0, l.created_at FROM hub.log l;
COMMENT ON TABLE hub.epoch IS 'Epochs of this log: facts up to where the next one began are common to both (纪元)';
COMMENT ON COLUMN hub.epoch.epoch IS 'The epoch, first part of a public id (纪元标识)';
COMMENT ON COLUMN hub.epoch.began_after IS 'Last position that was there when it began: what an older epoch told after it is gone (起始位置)';
COMMENT ON COLUMN hub.epoch.began_at IS 'When it began here (开始时间)';
