-- Primed once, so that last_value is always a position that was drawn.
CREATE SEQUENCE hub.event_position AS bigint MINVALUE 0 START 0 CACHE 1;
SELECT nextval('hub.event_position');
COMMENT ON SEQUENCE hub.event_position IS 'Global position of facts; commit order is not its order: read up to hub.settled() (全局位置)';
