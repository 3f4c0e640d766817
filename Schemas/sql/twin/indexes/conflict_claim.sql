CREATE INDEX conflict_claim_entity ON conflict_claim (entity, attribute);
