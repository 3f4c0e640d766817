-- Append-only. Noted in a transaction of its own, before anything can be opened.
CREATE TABLE hub.subject_access (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    who     text NOT NULL DEFAULT session_user,
    action  text NOT NULL CHECK (action IN ('show', 'quarantine', 'erase', 'readmit')),
    subject text COLLATE "C" NOT NULL,
    reason  text NOT NULL CHECK (btrim(reason) <> ''),
    xact    xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX subject_access_of_subject ON hub.subject_access (subject, id);
COMMENT ON TABLE hub.subject_access IS 'Who opened or erased whose values, when and why (个人数据访问记录)';
COMMENT ON COLUMN hub.subject_access.id IS 'Number (编号)';
COMMENT ON COLUMN hub.subject_access.at IS 'When (时间)';
COMMENT ON COLUMN hub.subject_access.who IS 'Login role (登录角色)';
COMMENT ON COLUMN hub.subject_access.action IS 'show: sealed values; quarantine: a refused record; erase; readmit (操作)';
COMMENT ON COLUMN hub.subject_access.subject IS 'The person''s pseudonym; of a refused record its number in hub.quarantine (对象)';
COMMENT ON COLUMN hub.subject_access.reason IS 'Why, in the person''s words who asked (理由)';
COMMENT ON COLUMN hub.subject_access.xact IS 'Transaction that noted it: nothing is opened before that has committed (事务)';
