-- Where the footprints of this batch were, before they move.
INSERT INTO place
SELECT c.footprint FROM stage_building s JOIN building_claim c USING (id) WHERE c.footprint IS NOT NULL AND NOT c.removed;
