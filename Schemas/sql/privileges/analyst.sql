-- Analysts read the twin (see schema_twin.sql) and how the hub is. Not the log: payloads are the sources' own words.
GRANT CONNECT ON DATABASE "{hub}" TO "{hub}_analyst";
GRANT USAGE ON SCHEMA hub TO "{hub}_analyst";
GRANT SELECT ON hub.source_status, hub.run_status, hub.drift, hub.projector_status, hub.scenario_status, hub.consumers, hub.event_type, hub.tick, hub.log TO "{hub}_analyst";
GRANT SELECT ON hub.calendar, hub.calendar_day, hub.working_day, hub.case_limit, hub.case_scheme, hub.satisfaction, hub.population_list, hub.case_verdict TO "{hub}_analyst";
GRANT SELECT (id, name, uri, department, owner, created_at) ON hub.source TO "{hub}_analyst";
-- Takes no lock; the views above call it in the reader's name.
GRANT EXECUTE ON FUNCTION hub.settled(), hub.stream_end(text), hub.session_lives(integer, timestamptz), hub.position_at(timestamptz) TO "{hub}_analyst";
-- Who may read the twin may put it together, too.
GRANT SELECT ON hub.survivorship_rule, hub.survivorship_now TO "{hub}_analyst";
GRANT EXECUTE ON FUNCTION hub.survivor, hub.surviving_text, hub.each TO "{hub}_analyst";
