CREATE TABLE hub.twin_change (
    position    bigint PRIMARY KEY,
    type        text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    caused_by   bigint,
    payload     json NOT NULL
);
COMMENT ON TABLE hub.twin_change IS 'Changes of the twin in the order in which its projector made them; one writer, so positions are in commit order (孪生变更)';
COMMENT ON COLUMN hub.twin_change.position IS 'Position of its own, not the log''s (位置)';
COMMENT ON COLUMN hub.twin_change.type IS 'What happened, such as building.changed (类型)';
COMMENT ON COLUMN hub.twin_change.subject IS 'The thing: <kind>/<its id in the twin> (主体)';
COMMENT ON COLUMN hub.twin_change.recorded_at IS 'When the projector wrote it (记录时间)';
COMMENT ON COLUMN hub.twin_change.caused_by IS 'Position in the log up to which the facts had been folded (起因)';
COMMENT ON COLUMN hub.twin_change.payload IS 'The thing''s row before and after, null where there was or is none (内容)';
