-- Buckets that stand at the same position are one row: a consumer of one process has one row to move, not 64.
CREATE TABLE hub.consumer_share (
    consumer     text COLLATE "C" NOT NULL REFERENCES hub.consumer ON DELETE CASCADE,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    member       text COLLATE "C",
    buckets      bit(64) NOT NULL,
    position     bigint NOT NULL CHECK (position >= 0),
    delivered    bigint NOT NULL,
    examined     bigint NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (consumer, id),
    CHECK (position <= delivered AND delivered <= examined)
) WITH (fillfactor = 50);
COMMENT ON TABLE hub.consumer_share IS 'Progress of each consumer: 64 buckets by source and subject, those at the same position together (消费进度)';
COMMENT ON COLUMN hub.consumer_share.consumer IS 'Consumer (消费者)';
COMMENT ON COLUMN hub.consumer_share.id IS 'Number (编号)';
COMMENT ON COLUMN hub.consumer_share.member IS 'Who reads these buckets; null while they wait for a member (成员)';
COMMENT ON COLUMN hub.consumer_share.buckets IS 'Which of the 64 buckets (分桶)';
COMMENT ON COLUMN hub.consumer_share.position IS 'Everything up to here is acknowledged (已确认位置)';
COMMENT ON COLUMN hub.consumer_share.delivered IS 'Last position that was handed out; above position while an acknowledgement is due (已投递位置)';
COMMENT ON COLUMN hub.consumer_share.examined IS 'How far the log was read for that: what lies between matched no filter (已检查位置)';
COMMENT ON COLUMN hub.consumer_share.delivered_at IS 'When it was handed out (投递时间)';
