CREATE UNIQUE INDEX match_edge_key ON match_edge (kind, left_id, right_id);
CREATE INDEX match_edge_right ON match_edge (kind, right_id);
