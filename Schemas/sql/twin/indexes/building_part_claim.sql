CREATE INDEX building_part_claim_location ON building_part_claim USING gist (location) WHERE location IS NOT NULL;
CREATE INDEX building_part_claim_ref ON building_part_claim (building_ref) WHERE building_ref IS NOT NULL;
