-- Counted up by everything that a running adapter must not miss.
CREATE TABLE hub.sealing (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    generation bigint NOT NULL DEFAULT 1,
    rotated_at timestamptz
);
INSERT INTO hub.sealing DEFAULT VALUES;
COMMENT ON TABLE hub.sealing IS 'State of the keys: one row, which every batch with personal data holds while it is written (密钥状态)';
COMMENT ON COLUMN hub.sealing.only_row IS 'Always true (唯一行)';
COMMENT ON COLUMN hub.sealing.generation IS 'Counted up by each erasure, readmission and change of sealing.key: a run that began before commits no more (代次)';
COMMENT ON COLUMN hub.sealing.rotated_at IS 'When sealing.key was last changed (密钥轮换时间)';
