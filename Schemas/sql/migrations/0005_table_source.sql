CREATE TABLE hub.source (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text COLLATE "C" NOT NULL UNIQUE,
    uri          text NOT NULL,
    department   text NOT NULL,
    owner        text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    lease_token  bigint,
    lease_holder text,
    lease_until  timestamptz,
    lease_pid    integer,
    lease_start  timestamptz
);
COMMENT ON TABLE hub.source IS 'A source system that facts are pulled from (数据来源)';
COMMENT ON COLUMN hub.source.id IS 'Number of the source; part of its login role <hub>_adapter_<id> (来源编号)';
COMMENT ON COLUMN hub.source.name IS 'Name of its adapter (适配器名称)';
COMMENT ON COLUMN hub.source.uri IS 'URI that names the source in events (来源标识)';
COMMENT ON COLUMN hub.source.department IS 'Department that owns the source (所属部门)';
COMMENT ON COLUMN hub.source.owner IS 'Person or office to ask (负责人)';
COMMENT ON COLUMN hub.source.created_at IS 'When it was registered (登记时间)';
COMMENT ON COLUMN hub.source.lease_token IS 'The one writer''s token; every batch checks it (租约令牌)';
COMMENT ON COLUMN hub.source.lease_holder IS 'Who writes: host and process (租约持有者)';
COMMENT ON COLUMN hub.source.lease_until IS 'When another may take over (租约到期)';
COMMENT ON COLUMN hub.source.lease_pid IS 'Server process of the session that took the lease (租约会话进程)';
COMMENT ON COLUMN hub.source.lease_start IS 'When that process started: its number may be used again (租约会话开始时间)';
