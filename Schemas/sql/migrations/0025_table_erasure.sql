CREATE TABLE hub.erasure (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject       text COLLATE "C" NOT NULL,
    erased_at     timestamptz NOT NULL DEFAULT now(),
    keys          text[] COLLATE "C" NOT NULL,
    position      bigint,
    finished_at   timestamptz,
    readmitted_at timestamptz
);
CREATE UNIQUE INDEX erasure_in_force ON hub.erasure (subject) WHERE readmitted_at IS NULL;
COMMENT ON TABLE hub.erasure IS 'People whose values were erased; what sources still say of them is not told (已清除个人)';
COMMENT ON COLUMN hub.erasure.id IS 'Number (编号)';
COMMENT ON COLUMN hub.erasure.subject IS 'The person''s pseudonym: a keyed digest (个人假名)';
COMMENT ON COLUMN hub.erasure.erased_at IS 'When the keys were destroyed (清除时间)';
COMMENT ON COLUMN hub.erasure.keys IS 'Names of the destroyed keys: values that bear them leave the twin (已销毁密钥编号)';
COMMENT ON COLUMN hub.erasure.position IS 'Position of subject.erased in the log; null until it stands there (位置)';
COMMENT ON COLUMN hub.erasure.finished_at IS 'When the twin was without the person and sealing.key was changed; null where that was cut off (完成时间)';
COMMENT ON COLUMN hub.erasure.readmitted_at IS 'When a steward let the person''s records in again (重新接纳时间)';

-- What an erasure finds without opening a row.
ALTER TABLE hub.quarantine ADD COLUMN subject text COLLATE "C";
CREATE INDEX quarantine_of_subject ON hub.quarantine (subject) WHERE subject IS NOT NULL;
COMMENT ON COLUMN hub.quarantine.subject IS 'Whose record it is: the person''s pseudonym, where the row said so (个人假名)';
