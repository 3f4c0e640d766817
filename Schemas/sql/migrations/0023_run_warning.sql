ALTER TABLE hub.run ADD COLUMN warning text;
COMMENT ON COLUMN hub.run.warning IS 'What was suspicious though the run was done, such as a list much shorter than before (警告)';
