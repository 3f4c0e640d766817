-- A steward sees what an analyst sees, the facts behind it, and what was refused and why. Sealed values and refused records' content he
-- gets one by one, by a reason that is noted first (hub.request_access), and needs the key files to read them.
-- Decisions are written as a source, by a role that is an adapter as well (hub.lock_subject).
GRANT "{hub}_analyst" TO "{hub}_steward";
GRANT SELECT ON hub.event, hub.batch, hub.batch_header, hub.event_canonical, hub.leaf TO "{hub}_steward";
GRANT SELECT (id, source_id, batch_id, stream, input, line, rule, message, adapter_version, sealed, recorded_at, subject, columns, attempts,
    attempted_at, resolution, resolved_at, resolved_by, resolved_batch, reason) ON hub.quarantine TO "{hub}_steward";
GRANT SELECT (subject, position) ON hub.subject_head TO "{hub}_steward";
GRANT EXECUTE ON FUNCTION hub.lock_subject(text), hub.note_decision(text, bigint, bigint, bytea) TO "{hub}_steward";
GRANT SELECT ON hub.erasure, hub.subject_access TO "{hub}_steward";
GRANT EXECUTE ON FUNCTION hub.request_access(text, text, text), hub.keys_of_access(bigint), hub.row_of_access(bigint),
    hub.erase_subject(text, text, bigint[]), hub.note_erasure(bigint, bigint, bigint), hub.readmit_subject(text, text),
    hub.expire_quarantine(), hub.discard_quarantined(bigint[], text, text) TO "{hub}_steward";
GRANT EXECUTE ON FUNCTION hub.set_survivorship TO "{hub}_steward";
