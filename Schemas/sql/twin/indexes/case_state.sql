CREATE INDEX case_state_open ON case_state (case_id) WHERE is_open;
