CREATE INDEX building_claim_location ON building_claim USING gist (location);
CREATE INDEX building_claim_location_geography ON building_claim USING gist ((location::geography));
