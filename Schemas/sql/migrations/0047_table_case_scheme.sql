CREATE TABLE hub.case_scheme (
    source   text PRIMARY KEY,
    scheme   text NOT NULL,
    calendar text NOT NULL REFERENCES hub.calendar
);
COMMENT ON TABLE hub.case_scheme IS 'Which limits and which calendar hold for the cases of which source: empty until the owner says so (时限适用)';
COMMENT ON COLUMN hub.case_scheme.source IS 'hub.source.name, or * for all that have no row of their own (来源)';
COMMENT ON COLUMN hub.case_scheme.scheme IS 'hub.case_limit.scheme (时限方案)';
COMMENT ON COLUMN hub.case_scheme.calendar IS 'hub.calendar.name (日历)';
