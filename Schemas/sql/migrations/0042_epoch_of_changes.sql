ALTER TABLE hub.epoch ADD COLUMN changes_began_after bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN hub.epoch.changes_began_after IS 'The same of the twin''s changes: last position in hub.twin_change when it began (变更起始位置)';
COMMENT ON COLUMN hub.twin_change.caused_by IS 'Position in the log of the last fact about the thing, else of the last fact that was folded with it (起因)';
COMMENT ON COLUMN hub.twin_change.payload IS 'after: the thing''s row, null where there is none; before: of it what was otherwise, all of it where it is gone; place (内容)';
