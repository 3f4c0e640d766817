CREATE INDEX claim_place_place ON claim_place (place)
