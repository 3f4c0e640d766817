CREATE INDEX building_claim_footprint ON building_claim USING gist (footprint);
CREATE INDEX building_claim_footprint_geography ON building_claim USING gist ((footprint::geography));
CREATE INDEX building_claim_location ON building_claim USING gist (location) WHERE location IS NOT NULL;
CREATE INDEX building_claim_ref ON building_claim (building_ref) WHERE building_ref IS NOT NULL;
CREATE INDEX building_claim_compound ON building_claim (compound_ref) WHERE compound_ref IS NOT NULL;
