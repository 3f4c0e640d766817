CREATE INDEX camera_claim_ref ON camera_claim (building_ref) WHERE building_ref IS NOT NULL;
