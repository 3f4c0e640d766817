-- What an office counts its days by. Its own rules live in the schema hub, beside the log: a rebuild of the twin leaves them alone.
CREATE TABLE hub.calendar (
    name       text PRIMARY KEY,
    zone       text NOT NULL,
    weekend    integer[] NOT NULL DEFAULT '{6,7}',
    known_from date,
    known_to   date,
    basis      text NOT NULL
);
COMMENT ON TABLE hub.calendar IS 'Calendars of working days; the owner adds others (工作日历)';
COMMENT ON COLUMN hub.calendar.name IS 'Such as cn (名称)';
COMMENT ON COLUMN hub.calendar.zone IS 'Time zone in which its days begin (时区)';
COMMENT ON COLUMN hub.calendar.weekend IS 'Days of the week without work, Monday is 1 (休息日)';
COMMENT ON COLUMN hub.calendar.known_from IS 'From here on holidays are known; outside, working days are assumed to be those of the week; null where the calendar has no holidays (已知起始)';
COMMENT ON COLUMN hub.calendar.known_to IS 'Up to here, this day included (已知截止)';
COMMENT ON COLUMN hub.calendar.basis IS 'Who says so (依据)';
INSERT INTO hub.calendar (name, zone, known_from, known_to, basis) VALUES
    ('cn', 'Asia/Shanghai', '2024-01-01', '2026-12-31', '国务院办公厅关于2024、2025、2026年部分节假日安排的通知（国办发明电〔2023〕7号、〔2024〕12号、〔2025〕7号）；按记忆录入，未与原文核对'),
    ('weekdays', 'UTC', NULL, NULL, 'Monday to Friday, no holidays');
