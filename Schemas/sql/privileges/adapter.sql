-- What every adapter's login role may do, and no more. {hub} is the hub's name: roles belong to the whole server.
GRANT CONNECT ON DATABASE "{hub}" TO "{hub}_adapter";
GRANT USAGE ON SCHEMA hub TO "{hub}_adapter";
GRANT INSERT (type_id, subject, occurred_at, batch_id, caused_by, payload) ON hub.event TO "{hub}_adapter";
GRANT USAGE ON SEQUENCE hub.event_position TO "{hub}_adapter";
GRANT SELECT ON hub.event_type TO "{hub}_adapter";
-- No DELETE: whoever has it on the whole table may lock out the other sources. hub.forget_fingerprints deletes one's own.
GRANT SELECT, INSERT (stream, batch_id, entries, subjects) ON hub.fingerprint TO "{hub}_adapter";
GRANT SELECT, INSERT (stream, value, updated_at) ON hub.cursor TO "{hub}_adapter";
GRANT UPDATE (value, updated_at) ON hub.cursor TO "{hub}_adapter";
GRANT INSERT (batch_id, stream, input, line, rule, message, adapter_version, raw, sealed, subject, columns) ON hub.quarantine TO "{hub}_adapter";
GRANT SELECT (id), INSERT (adapter_version), UPDATE (ended_at, outcome, error_kind, message, token, rows_read, rows_added, rows_changed,
    rows_unchanged, rows_removed, rows_refused, rows_held_back, facts, drift, warning, metrics) ON hub.run TO "{hub}_adapter";
GRANT EXECUTE ON FUNCTION hub.session_source(), hub.acquire_lease(text, integer), hub.release_lease(bigint),
    hub.begin_batch(bigint, integer), hub.batch_positions(bigint, bigint), hub.finish_batch, hub.forget_fingerprints(text),
    hub.note_replayed(bigint, json, text, text), hub.ensure_leaves(integer), hub.wake_readers(), hub.sealing_generation(bytea), hub.confirm_sealing(bigint),
    hub.add_subject_keys(text[], text[], text[]) TO "{hub}_adapter";
-- Its own source's keys, wrapped (rows_of_subject_key.sql), and whose records it must not tell any more.
GRANT SELECT (id, subject, wrapped) ON hub.subject_key TO "{hub}_adapter";
GRANT SELECT (subject, readmitted_at) ON hub.erasure TO "{hub}_adapter";
-- What scenarios keep is their source's alone (rows_of_scenario_state.sql); a source that keeps nothing has no row.
GRANT SELECT, INSERT (format, rules, position, kept_at, state, evaluated, evaluated_at), UPDATE (format, rules, position, kept_at, state, evaluated, evaluated_at)
    ON hub.scenario_state TO "{hub}_adapter";
