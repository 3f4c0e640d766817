CREATE TABLE hub.subject_head (
    subject  text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    content  bytea
);
COMMENT ON TABLE hub.subject_head IS 'Last decision of the hub about each subject, for appends with an expected position (主体最新决定)';
COMMENT ON COLUMN hub.subject_head.subject IS 'Subject (主体)';
COMMENT ON COLUMN hub.subject_head.position IS 'Position of the last decision; 0 where there is none yet (位置)';
COMMENT ON COLUMN hub.subject_head.content IS 'SHA-256 of its type, time, cause and payload: a repeated decision adds nothing (内容摘要)';
