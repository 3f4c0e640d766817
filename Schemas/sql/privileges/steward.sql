-- A steward sees what an analyst sees, the facts behind it, and what was refused and why; never a refused record's content.
-- Decisions are written as a source, by a role that is an adapter as well (hub.lock_subject).
GRANT "{hub}_analyst" TO "{hub}_steward";
GRANT SELECT ON hub.event, hub.batch, hub.batch_header, hub.event_canonical, hub.leaf TO "{hub}_steward";
GRANT SELECT (id, source_id, batch_id, stream, input, line, rule, message, adapter_version, sealed, recorded_at) ON hub.quarantine TO "{hub}_steward";
GRANT SELECT (subject, position) ON hub.subject_head TO "{hub}_steward";
GRANT EXECUTE ON FUNCTION hub.lock_subject(text), hub.note_decision(text, bigint, bigint, bytea) TO "{hub}_steward";
