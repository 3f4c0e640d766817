CREATE INDEX organisation_claim_ref ON organisation_claim (building_ref) WHERE building_ref IS NOT NULL;
