CREATE TABLE hub.checkpoint (
    projector  text COLLATE "C" PRIMARY KEY,
    position   bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hub.checkpoint IS 'How far a projector has folded the log (投影进度)';
COMMENT ON COLUMN hub.checkpoint.projector IS 'Name of the projector (投影器)';
COMMENT ON COLUMN hub.checkpoint.position IS 'Every fact up to here is folded (位置)';
COMMENT ON COLUMN hub.checkpoint.updated_at IS 'When it last moved (更新时间)';
