CREATE INDEX building_claim_footprint ON building_claim USING gist (footprint);
CREATE INDEX building_claim_footprint_geography ON building_claim USING gist ((footprint::geography));
