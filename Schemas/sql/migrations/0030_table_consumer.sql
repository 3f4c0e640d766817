CREATE TABLE hub.consumer (
    name       text COLLATE "C" PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    owner      text COLLATE "C" NOT NULL DEFAULT session_user,
    stream     text COLLATE "C" NOT NULL DEFAULT 'log' CHECK (stream IN ('log', 'twin')),
    filter     jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE hub.consumer IS 'Services that read a stream in order, and what they want of it (消费者)';
COMMENT ON COLUMN hub.consumer.name IS 'Name (名称)';
COMMENT ON COLUMN hub.consumer.owner IS 'Login role that may poll, acknowledge and seek, beside the hub''s owner (所有者)';
COMMENT ON COLUMN hub.consumer.stream IS 'What is read: log, the facts; twin, the changes of the twin (数据流)';
COMMENT ON COLUMN hub.consumer.filter IS 'What is wanted: lists "types" (case.*), "subjects" (prefixes), "sources", "departments"; an absent one is no limit (筛选)';
COMMENT ON COLUMN hub.consumer.created_at IS 'When it subscribed first (订阅时间)';
