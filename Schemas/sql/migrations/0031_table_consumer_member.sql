CREATE TABLE hub.consumer_member (
    consumer    text COLLATE "C" NOT NULL REFERENCES hub.consumer ON DELETE CASCADE,
    member      text COLLATE "C" NOT NULL CHECK (member <> ''),
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (consumer, member)
);
COMMENT ON TABLE hub.consumer_member IS 'Processes that share the work of a consumer (消费组成员)';
COMMENT ON COLUMN hub.consumer_member.consumer IS 'Consumer (消费者)';
COMMENT ON COLUMN hub.consumer_member.member IS 'Name of the process, its own choice (成员)';
COMMENT ON COLUMN hub.consumer_member.lease_until IS 'When others may take over its share, unless it polls again (租约到期)';
