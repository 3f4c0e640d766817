CREATE PUBLICATION twinhub_twin FOR TABLE hub.twin_change;
COMMENT ON PUBLICATION twinhub_twin IS 'Changes of the twin, and those of its tables that hub.published_table names (孪生发布)';
