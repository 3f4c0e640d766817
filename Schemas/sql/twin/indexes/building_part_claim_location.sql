CREATE INDEX building_part_claim_location ON building_part_claim USING gist (location);
