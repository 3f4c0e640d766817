CREATE SCHEMA hub;
COMMENT ON SCHEMA hub IS 'The append-only log of facts and what belongs to it (事实日志)';
