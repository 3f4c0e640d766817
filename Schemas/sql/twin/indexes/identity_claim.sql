CREATE INDEX identity_claim_claim ON identity_claim (entity_kind, claim);
CREATE INDEX identity_claim_other ON identity_claim (entity_kind, other);
