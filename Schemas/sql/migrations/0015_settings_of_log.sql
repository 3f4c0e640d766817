-- Where this log lives, so that a copy of it knows that it is one; and the size of its leaves, smaller in tests.
ALTER TABLE hub.log
    ADD COLUMN leaf_size bigint NOT NULL DEFAULT 5000000 CHECK (leaf_size >= 100),
    ADD COLUMN place text,
    ADD COLUMN renewed_at timestamptz;
COMMENT ON COLUMN hub.log.leaf_size IS 'Positions in a partition of hub.event; never changes once facts are there (分区大小)';
COMMENT ON COLUMN hub.log.place IS 'System identifier, timeline and database: where the epoch began; another place is a copy and gets an epoch of its own (所在)';
COMMENT ON COLUMN hub.log.renewed_at IS 'When the epoch was last renewed (纪元更新时间)';
