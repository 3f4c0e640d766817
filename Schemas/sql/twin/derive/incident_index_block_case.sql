CREATE INDEX incident_block_case ON incident_block (case_id)
