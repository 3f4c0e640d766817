CREATE INDEX claim_place_claim ON claim_place (claim_id)
