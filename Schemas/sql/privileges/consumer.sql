-- A downstream service reads facts in order, and what their numbers mean.
GRANT CONNECT ON DATABASE "{hub}" TO "{hub}_consumer";
GRANT USAGE ON SCHEMA hub TO "{hub}_consumer";
GRANT SELECT ON hub.event, hub.event_type, hub.log, hub.leaf, hub.tick TO "{hub}_consumer";
GRANT SELECT (id, name, uri, department) ON hub.source TO "{hub}_consumer";
GRANT EXECUTE ON FUNCTION hub.settled() TO "{hub}_consumer";
