CREATE INDEX occupancy_claim_ref ON occupancy_claim (building_ref) WHERE building_ref IS NOT NULL;
