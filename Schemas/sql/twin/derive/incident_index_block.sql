CREATE INDEX incident_block_block ON incident_block (block)
