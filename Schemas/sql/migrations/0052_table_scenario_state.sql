CREATE TABLE hub.scenario_state (
    source_id    integer PRIMARY KEY DEFAULT split_part(session_user::text, '_adapter_', 2)::integer REFERENCES hub.source,
    format       integer NOT NULL,
    rules        json NOT NULL,
    position     bigint NOT NULL,
    kept_at      timestamptz NOT NULL DEFAULT now(),
    state        bytea NOT NULL,
    evaluated    bigint NOT NULL,
    evaluated_at timestamptz NOT NULL DEFAULT now()
);
-- It changes little by little, but as a whole; to pack it would take longer than to write it.
ALTER TABLE hub.scenario_state ALTER COLUMN state SET STORAGE EXTERNAL;
COMMENT ON TABLE hub.scenario_state IS 'What scenarios know at a position of the log, so that a start need not read the log from its beginning (场景状态)';
COMMENT ON COLUMN hub.scenario_state.source_id IS 'Source that tells their alerts (来源)';
COMMENT ON COLUMN hub.scenario_state.format IS 'How the state is written; one of another format is not read (格式)';
COMMENT ON COLUMN hub.scenario_state.rules IS 'The rules in force: name and version, what was declared, and the position since which each tells (生效规则)';
COMMENT ON COLUMN hub.scenario_state.position IS 'Every fact up to here is in the state (状态位置)';
COMMENT ON COLUMN hub.scenario_state.kept_at IS 'When the state was kept (保存时间)';
COMMENT ON COLUMN hub.scenario_state.state IS 'Sensors, windows and standing alerts, in a form of the program''s own (状态)';
COMMENT ON COLUMN hub.scenario_state.evaluated IS 'Every fact up to here was evaluated, and what it caused is told (已评估位置)';
COMMENT ON COLUMN hub.scenario_state.evaluated_at IS 'When that last moved (评估时间)';
