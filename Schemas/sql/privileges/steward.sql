-- A steward sees what an analyst sees, the facts behind it, and what was refused and why; never a refused record's content.
-- Decisions are written as a source, by a role that is an adapter as well (hub.expect_positions).
GRANT "{hub}_analyst" TO "{hub}_steward";
GRANT SELECT ON hub.event, hub.batch, hub.batch_header, hub.event_canonical, hub.leaf TO "{hub}_steward";
GRANT SELECT (id, source_id, batch_id, stream, input, line, rule, message, adapter_version, sealed, recorded_at) ON hub.quarantine TO "{hub}_steward";
