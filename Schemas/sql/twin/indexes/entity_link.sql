CREATE UNIQUE INDEX entity_link_key ON entity_link (kind, id);
CREATE INDEX entity_link_entity ON entity_link (kind, entity_id);
