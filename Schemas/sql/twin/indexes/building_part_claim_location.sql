CREATE INDEX building_part_claim_location ON building_part_claim USING gist (location);
CREATE INDEX building_part_claim_location_geography ON building_part_claim USING gist ((location::geography));
