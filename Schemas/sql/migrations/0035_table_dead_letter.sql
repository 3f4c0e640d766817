CREATE TABLE hub.dead_letter (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook     text COLLATE "C" NOT NULL REFERENCES hub.webhook ON DELETE CASCADE,
    position    bigint NOT NULL,
    event_id    text NOT NULL,
    attempts    integer NOT NULL,
    status      integer,
    reason      text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz
);
CREATE INDEX ON hub.dead_letter (webhook, id) WHERE replayed_at IS NULL;
COMMENT ON TABLE hub.dead_letter IS 'Events that a webhook''s receiver refused for good; the fact itself is in its stream (死信)';
COMMENT ON COLUMN hub.dead_letter.id IS 'Number (编号)';
COMMENT ON COLUMN hub.dead_letter.webhook IS 'Webhook (网络钩子)';
COMMENT ON COLUMN hub.dead_letter.position IS 'Position of the fact in its stream (位置)';
COMMENT ON COLUMN hub.dead_letter.event_id IS 'Its public id (事件标识)';
COMMENT ON COLUMN hub.dead_letter.attempts IS 'How often it was tried (尝试次数)';
COMMENT ON COLUMN hub.dead_letter.status IS 'The HTTP status of the last answer (状态码)';
COMMENT ON COLUMN hub.dead_letter.reason IS 'Why it was given up (原因)';
COMMENT ON COLUMN hub.dead_letter.recorded_at IS 'When (记录时间)';
COMMENT ON COLUMN hub.dead_letter.replayed_at IS 'When a later attempt was taken (重投时间)';
