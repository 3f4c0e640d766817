-- What became of a refused record. One that is open waits for somebody; sealed bytes go when it is closed.
ALTER TABLE hub.quarantine
    ADD COLUMN columns text[],
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN attempted_at timestamptz,
    ADD COLUMN resolution text CHECK (resolution IN ('replayed', 'superseded', 'discarded')),
    ADD COLUMN resolved_at timestamptz,
    ADD COLUMN resolved_by text,
    ADD COLUMN resolved_batch bigint,
    ADD COLUMN reason text,
    ADD CHECK ((resolution IS NULL) = (resolved_at IS NULL)),
    ADD CHECK (resolution IS DISTINCT FROM 'discarded' OR reason <> '');
CREATE INDEX quarantine_open ON hub.quarantine (source_id, id) WHERE resolution IS NULL;
COMMENT ON COLUMN hub.quarantine.columns IS 'Columns of its input, where the record''s bytes do not name them, such as a CSV file''s header (列名)';
COMMENT ON COLUMN hub.quarantine.attempts IS 'How often it was replayed and refused again; rule and message are those of the last time (重放次数)';
COMMENT ON COLUMN hub.quarantine.attempted_at IS 'When it was last replayed and refused again (最近重放时间)';
COMMENT ON COLUMN hub.quarantine.resolution IS 'replayed: taken by a corrected manifest; superseded: its source has delivered another since; discarded; null while it is open (处理结果)';
COMMENT ON COLUMN hub.quarantine.resolved_at IS 'When (处理时间)';
COMMENT ON COLUMN hub.quarantine.resolved_by IS 'Who: database role, and account where known (处理人)';
COMMENT ON COLUMN hub.quarantine.resolved_batch IS 'Batch that holds its facts (重放批次)';
COMMENT ON COLUMN hub.quarantine.reason IS 'Why it was discarded (原因)';
