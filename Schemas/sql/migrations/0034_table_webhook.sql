CREATE TABLE hub.webhook (
    name            text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
    consumer        text COLLATE "C" NOT NULL UNIQUE REFERENCES hub.consumer ON DELETE CASCADE,
    url             text NOT NULL,
    batch           integer NOT NULL DEFAULT 1 CHECK (batch BETWEEN 1 AND 1000),
    created_at      timestamptz NOT NULL DEFAULT now(),
    paused_at       timestamptz,
    pause_reason    text,
    delivered       bigint NOT NULL DEFAULT 0,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_failure    text,
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz
);
COMMENT ON TABLE hub.webhook IS 'Services that events are posted to, and how that goes (网络钩子)';
COMMENT ON COLUMN hub.webhook.name IS 'Name (名称)';
COMMENT ON COLUMN hub.webhook.consumer IS 'Consumer that keeps its progress and its filter (消费者)';
COMMENT ON COLUMN hub.webhook.url IS 'Where events are posted to; holds no secret (地址)';
COMMENT ON COLUMN hub.webhook.batch IS 'Most events in one request; 1 posts each alone (每次条数)';
COMMENT ON COLUMN hub.webhook.created_at IS 'When it was added (添加时间)';
COMMENT ON COLUMN hub.webhook.paused_at IS 'Since when nothing is posted; null while it runs (暂停时间)';
COMMENT ON COLUMN hub.webhook.pause_reason IS 'Why: a person''s word, or what the receiver answered (暂停原因)';
COMMENT ON COLUMN hub.webhook.delivered IS 'Events that the receiver took (已投递条数)';
COMMENT ON COLUMN hub.webhook.last_success_at IS 'When it last took one (最近成功时间)';
COMMENT ON COLUMN hub.webhook.last_failure_at IS 'When it last failed (最近失败时间)';
COMMENT ON COLUMN hub.webhook.last_failure IS 'How (最近失败原因)';
COMMENT ON COLUMN hub.webhook.attempts IS 'Failed attempts at the event that is due, since the last success (失败次数)';
COMMENT ON COLUMN hub.webhook.next_attempt_at IS 'When it is tried again (下次尝试时间)';
