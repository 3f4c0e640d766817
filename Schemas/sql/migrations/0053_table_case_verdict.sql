CREATE TABLE hub.case_verdict (
    outcome text PRIMARY KEY,
    is_real boolean NOT NULL
);
COMMENT ON TABLE hub.case_verdict IS 'What sources'' words for a case''s outcome say of the alert that opened it; the owner adds words (工单判定)';
COMMENT ON COLUMN hub.case_verdict.outcome IS 'As it stands in twin.case_step.outcome (原文)';
COMMENT ON COLUMN hub.case_verdict.is_real IS 'Whether there was something; false for a false alarm (是否属实)';
INSERT INTO hub.case_verdict (outcome, is_real) VALUES
    ('误报', false), ('虚警', false), ('不属实', false), ('未发现异常', false), ('false_alarm', false), ('false alarm', false), ('unfounded', false),
    ('属实', true), ('已处置', true), ('已整改', true), ('confirmed', true), ('fixed', true), ('founded', true);
