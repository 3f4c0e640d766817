-- A projector reads the log and makes schemas of its own: the twin's generations. It writes nothing into the log.
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE "{hub}" TO "{hub}_projector";
GRANT USAGE ON SCHEMA hub TO "{hub}_projector";
GRANT SELECT ON hub.event, hub.event_type, hub.log, hub.leaf, hub.tick TO "{hub}_projector";
GRANT SELECT ON hub.calendar, hub.calendar_day, hub.working_day, hub.case_limit, hub.case_scheme, hub.satisfaction, hub.population_list, hub.case_verdict TO "{hub}_projector";
GRANT SELECT (id, name, uri, department) ON hub.source TO "{hub}_projector";
GRANT SELECT, INSERT ON hub.twin_change TO "{hub}_projector";
GRANT SELECT, INSERT, DELETE ON hub.overdue_clock TO "{hub}_projector";
GRANT SELECT (subject, keys, position) ON hub.erasure TO "{hub}_projector";
GRANT SELECT, INSERT, UPDATE ON hub.checkpoint TO "{hub}_projector";
GRANT EXECUTE ON FUNCTION hub.settled(), hub.record_tick(), hub.wgs84(json), hub.publish_generation(text), hub.tell_rebuild(text, bigint),
    hub.position_at(timestamptz), hub.forget_changes(), hub.show_to_stewards(regclass), hub.stream_end(text), hub.next_change(), hub.wake_readers() TO "{hub}_projector";
-- One projector of a name. The horizon's keys are single bigints, which this form cannot take.
GRANT EXECUTE ON FUNCTION pg_advisory_lock(int, int) TO "{hub}_projector";

-- Rules of survivorship are read by the twin's views.
GRANT SELECT ON hub.survivorship_now TO "{hub}_projector";
GRANT EXECUTE ON FUNCTION hub.survivor, hub.surviving_text, hub.each TO "{hub}_projector";
