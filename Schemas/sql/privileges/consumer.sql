-- A downstream service reads facts in order, and what their numbers mean.
GRANT CONNECT ON DATABASE "{hub}" TO "{hub}_consumer";
GRANT USAGE ON SCHEMA hub TO "{hub}_consumer";
GRANT SELECT ON hub.event, hub.event_type, hub.log, hub.leaf, hub.tick TO "{hub}_consumer";
GRANT SELECT (id, name, uri, department) ON hub.source TO "{hub}_consumer";
GRANT SELECT (subject, keys, position) ON hub.erasure TO "{hub}_consumer";
GRANT EXECUTE ON FUNCTION hub.settled() TO "{hub}_consumer";
-- Its own progress, by functions that ask whose it is.
GRANT SELECT ON hub.consumers, hub.epoch, hub.twin_change, hub.stream_fact TO "{hub}_consumer";
GRANT EXECUTE ON FUNCTION hub.subscribe(text, jsonb, bigint, text), hub.unsubscribe(text), hub.poll(text, integer, text, interval),
    hub.ack(text, bigint, text, interval), hub.seek(text, bigint), hub.seek(text, timestamptz), hub.seek(text, text),
    hub.position_at(timestamptz), hub.position_at(timestamptz, text), hub.position_of(text), hub.stream_end(text) TO "{hub}_consumer";
