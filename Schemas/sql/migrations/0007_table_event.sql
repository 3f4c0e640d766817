-- Adapters may insert type, subject, occurred_at, batch, cause and payload; the rest comes from defaults that nobody can forge.
CREATE TABLE hub.event (
    position    bigint NOT NULL DEFAULT nextval('hub.event_position'),
    source_id   integer NOT NULL DEFAULT split_part(session_user::text, '_adapter_', 2)::integer,
    type_id     integer NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    occurred_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    batch_id    bigint NOT NULL,
    caused_by   bigint,
    payload     json NOT NULL,
    PRIMARY KEY (position)
) PARTITION BY RANGE (position);
COMMENT ON TABLE hub.event IS 'The log: facts as sources told them, never changed, never deleted (事实)';
COMMENT ON COLUMN hub.event.position IS 'Global position; unique, with gaps (位置)';
COMMENT ON COLUMN hub.event.source_id IS 'Source that told it: hub.source.id, from the login role (来源)';
COMMENT ON COLUMN hub.event.type_id IS 'What kind of fact: hub.event_type.id (类型)';
COMMENT ON COLUMN hub.event.subject IS 'What it is about: <kind>/<the source''s own key> (主体)';
COMMENT ON COLUMN hub.event.occurred_at IS 'When it happened, as the source says; null where unknown (发生时间)';
COMMENT ON COLUMN hub.event.recorded_at IS 'Start of the transaction that recorded it; information, never a cut (记录时间)';
COMMENT ON COLUMN hub.event.batch_id IS 'Batch it came in: hub.batch.id (批次)';
COMMENT ON COLUMN hub.event.caused_by IS 'Position of the fact it was derived from (起因)';
COMMENT ON COLUMN hub.event.payload IS 'What was said, digit for digit, in the source''s units (内容)';
