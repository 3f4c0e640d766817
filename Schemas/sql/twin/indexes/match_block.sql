CREATE UNIQUE INDEX match_block_key ON match_block (kind, block, id);
CREATE INDEX match_block_id ON match_block (kind, id);
