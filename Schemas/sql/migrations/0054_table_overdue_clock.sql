CREATE TABLE hub.overdue_clock (
    case_id    text COLLATE "C",
    clock      text COLLATE "C",
    started_at timestamptz,
    due_at     timestamptz,
    PRIMARY KEY (case_id, clock, started_at, due_at)
);
COMMENT ON TABLE hub.overdue_clock IS 'Clocks of cases that are overdue and of which readers of the twin''s changes were told (已告知的超期时钟)';
COMMENT ON COLUMN hub.overdue_clock.case_id IS 'The case (工单)';
COMMENT ON COLUMN hub.overdue_clock.clock IS 'Name of its clock (时钟)';
COMMENT ON COLUMN hub.overdue_clock.started_at IS 'When the clock began (起算时间)';
COMMENT ON COLUMN hub.overdue_clock.due_at IS 'When it was due; one that is extended may become overdue again (到期时间)';
