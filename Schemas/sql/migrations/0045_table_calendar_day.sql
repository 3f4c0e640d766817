-- Only what differs from the week: holidays, and the weekend days on which work makes up for them.
CREATE TABLE hub.calendar_day (
    calendar   text NOT NULL REFERENCES hub.calendar,
    day        date NOT NULL,
    is_working boolean NOT NULL,
    name       text NOT NULL,
    basis      text NOT NULL,
    PRIMARY KEY (calendar, day)
);
COMMENT ON TABLE hub.calendar_day IS 'Days on which a calendar differs from its week; the owner adds his own (节假日与调休)';
COMMENT ON COLUMN hub.calendar_day.calendar IS 'hub.calendar.name (日历)';
COMMENT ON COLUMN hub.calendar_day.day IS 'Day (日期)';
COMMENT ON COLUMN hub.calendar_day.is_working IS 'Whether there is work: false on holidays, true on make-up days (是否上班)';
COMMENT ON COLUMN hub.calendar_day.name IS 'Name of the holiday; of a make-up day the holiday that it makes up for (名称)';
COMMENT ON COLUMN hub.calendar_day.basis IS 'Who says so (依据)';
INSERT INTO hub.calendar_day (calendar, day, is_working, name, basis)
SELECT 'cn', d::date, false, h.name, h.basis
  FROM (VALUES
    ('元旦', date '2024-01-01', date '2024-01-01', '国办发明电〔2023〕7号'),
    ('春节', date '2024-02-10', date '2024-02-17', '国办发明电〔2023〕7号'),
    ('清明节', date '2024-04-04', date '2024-04-06', '国办发明电〔2023〕7号'),
    ('劳动节', date '2024-05-01', date '2024-05-05', '国办发明电〔2023〕7号'),
    ('端午节', date '2024-06-10', date '2024-06-10', '国办发明电〔2023〕7号'),
    ('中秋节', date '2024-09-15', date '2024-09-17', '国办发明电〔2023〕7号'),
    ('国庆节', date '2024-10-01', date '2024-10-07', '国办发明电〔2023〕7号'),
    ('元旦', date '2025-01-01', date '2025-01-01', '国办发明电〔2024〕12号'),
    ('春节', date '2025-01-28', date '2025-02-04', '国办发明电〔2024〕12号'),
    ('清明节', date '2025-04-04', date '2025-04-06', '国办发明电〔2024〕12号'),
    ('劳动节', date '2025-05-01', date '2025-05-05', '国办发明电〔2024〕12号'),
    ('端午节', date '2025-05-31', date '2025-06-02', '国办发明电〔2024〕12号'),
    ('国庆节、中秋节', date '2025-10-01', date '2025-10-08', '国办发明电〔2024〕12号'),
    ('元旦', date '2026-01-01', date '2026-01-03', '国办发明电〔2025〕7号'),
    ('春节', date '2026-02-15', date '2026-02-23', '国办发明电〔2025〕7号'),
    ('清明节', date '2026-04-04', date '2026-04-06', '国办发明电〔2025〕7号'),
    ('劳动节', date '2026-05-01', date '2026-05-05', '国办发明电〔2025〕7号'),
    ('端午节', date '2026-06-19', date '2026-06-21', '国办发明电〔2025〕7号'),
    ('中秋节', date '2026-09-25', date '2026-09-27', '国办发明电〔2025〕7号'),
    ('国庆节', date '2026-10-01', date '2026-10-07', '国办发明电〔2025〕7号')) h (name, first, last, basis)
 CROSS JOIN generate_series(h.first, h.last, interval '1 day') d;
INSERT INTO hub.calendar_day (calendar, day, is_working, name, basis) VALUES
    ('cn', '2024-02-04', true, '春节', '国办发明电〔2023〕7号'),
    ('cn', '2024-02-18', true, '春节', '国办发明电〔2023〕7号'),
    ('cn', '2024-04-07', true, '清明节', '国办发明电〔2023〕7号'),
    ('cn', '2024-04-28', true, '劳动节', '国办发明电〔2023〕7号'),
    ('cn', '2024-05-11', true, '劳动节', '国办发明电〔2023〕7号'),
    ('cn', '2024-09-14', true, '中秋节', '国办发明电〔2023〕7号'),
    ('cn', '2024-09-29', true, '国庆节', '国办发明电〔2023〕7号'),
    ('cn', '2024-10-12', true, '国庆节', '国办发明电〔2023〕7号'),
    ('cn', '2025-01-26', true, '春节', '国办发明电〔2024〕12号'),
    ('cn', '2025-02-08', true, '春节', '国办发明电〔2024〕12号'),
    ('cn', '2025-04-27', true, '劳动节', '国办发明电〔2024〕12号'),
    ('cn', '2025-09-28', true, '国庆节、中秋节', '国办发明电〔2024〕12号'),
    ('cn', '2025-10-11', true, '国庆节、中秋节', '国办发明电〔2024〕12号'),
    ('cn', '2026-01-04', true, '元旦', '国办发明电〔2025〕7号'),
    ('cn', '2026-02-14', true, '春节', '国办发明电〔2025〕7号'),
    ('cn', '2026-02-28', true, '春节', '国办发明电〔2025〕7号'),
    ('cn', '2026-05-09', true, '劳动节', '国办发明电〔2025〕7号'),
    ('cn', '2026-09-20', true, '国庆节', '国办发明电〔2025〕7号'),
    ('cn', '2026-10-10', true, '国庆节', '国办发明电〔2025〕7号');
