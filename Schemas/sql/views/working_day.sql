CREATE OR REPLACE VIEW hub.working_day AS
SELECT c.name AS calendar,
       d.day,
       d.is_working,
       count(*) FILTER (WHERE d.is_working) OVER (PARTITION BY c.name ORDER BY d.day) AS number,
       c.known_from IS NULL OR d.day BETWEEN c.known_from AND c.known_to AS is_known
  FROM hub.calendar c
 CROSS JOIN LATERAL (
       SELECT g::date AS day, coalesce(e.is_working, extract(isodow FROM g)::integer <> ALL (c.weekend)) AS is_working
         FROM generate_series(timestamp '2010-01-01', timestamp '2039-12-31', interval '1 day') g
         LEFT JOIN hub.calendar_day e ON e.calendar = c.name AND e.day = g::date) d;
COMMENT ON VIEW hub.working_day IS 'Every day of every calendar from 2010 to 2039, and how many working days there were up to it (工作日)';
COMMENT ON COLUMN hub.working_day.calendar IS 'hub.calendar.name (日历)';
COMMENT ON COLUMN hub.working_day.day IS 'Day (日期)';
COMMENT ON COLUMN hub.working_day.is_working IS 'Whether there is work (是否上班)';
COMMENT ON COLUMN hub.working_day.number IS 'Working days from 2010 up to this day, which is counted: the n-th working day after a day is the one whose number is larger by n (工作日序号)';
COMMENT ON COLUMN hub.working_day.is_known IS 'Whether the year''s holidays are known; else the days of the week are assumed (是否已公布)';
