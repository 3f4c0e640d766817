-- Where all who say something say the same, that is it; else hub.survivor decides, by the attribute's rule (looked up once in a query) and
-- by what a steward has decided about this building.
CREATE OR REPLACE VIEW {twin}.building AS
SELECT c.id,
       CASE WHEN m.name_low IS NOT DISTINCT FROM m.name_high THEN m.name_low
            ELSE hub.surviving_text(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'name'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'name' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.name_said) END AS name,
       CASE WHEN m.name_en_low IS NOT DISTINCT FROM m.name_en_high THEN m.name_en_low
            ELSE hub.surviving_text(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'name_en'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'name_en' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.name_en_said) END AS name_en,
       CASE WHEN m.address_low IS NOT DISTINCT FROM m.address_high THEN m.address_low
            ELSE hub.surviving_text(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'address'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'address' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.address_said) END AS address,
       CASE WHEN m.height_m_low IS NOT DISTINCT FROM m.height_m_high THEN m.height_m_low
            ELSE m.height_m_said[hub.survivor(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'height_m'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'height_m' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.height_m_said::text[])] END AS height_m,
       CASE WHEN m.floors_low IS NOT DISTINCT FROM m.floors_high THEN m.floors_low
            ELSE m.floors_said[hub.survivor(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'floors'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'floors' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.floors_said::text[])] END AS floors,
       c.footprint,
       o.id AS compound_id,
       CASE WHEN m.usage_low IS NOT DISTINCT FROM m.usage_high THEN m.usage_low
            ELSE hub.surviving_text(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'usage'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'usage' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.usage_said) END AS usage,
       CASE WHEN m.households_low IS NOT DISTINCT FROM m.households_high THEN m.households_low
            ELSE m.households_said[hub.survivor(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'households'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'households' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.households_said::text[])] END AS households,
       CASE WHEN m.built_year_low IS NOT DISTINCT FROM m.built_year_high THEN m.built_year_low
            ELSE m.built_year_said[hub.survivor(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'built_year'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'built_year' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.built_year_said::text[])] END AS built_year,
       (CASE WHEN m.claims = 1 THEN c.location
             ELSE m.location_said[hub.survivor(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'location'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'location' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.placed)] END)::geometry(Point, 4326) AS location,
       m.claims,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.building_claim c
  JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.id AND l.method = 'self'
 CROSS JOIN LATERAL (
        SELECT count(*) AS claims,
               array_agg(x.id) AS claim_ids,
               array_agg(x.effective_at) AS dates,
               array_agg(num_nonnulls(x.name, x.name_en, x.address, x.compound_ref, x.usage, x.height_m, x.floors, x.households, x.built_year, x.location)) AS filled,
               min(x.name COLLATE "C") COLLATE "default" AS name_low, max(x.name COLLATE "C") COLLATE "default" AS name_high, array_agg(x.name) AS name_said,
               min(x.name_en COLLATE "C") COLLATE "default" AS name_en_low, max(x.name_en COLLATE "C") COLLATE "default" AS name_en_high, array_agg(x.name_en) AS name_en_said,
               min(x.address COLLATE "C") COLLATE "default" AS address_low, max(x.address COLLATE "C") COLLATE "default" AS address_high, array_agg(x.address) AS address_said,
               min(x.usage COLLATE "C") COLLATE "default" AS usage_low, max(x.usage COLLATE "C") COLLATE "default" AS usage_high, array_agg(x.usage) AS usage_said,
               min(x.compound_ref) AS compound_ref_low, max(x.compound_ref) AS compound_ref_high, array_agg(x.compound_ref::text) AS compound_ref_said,
               min(x.height_m) AS height_m_low, max(x.height_m) AS height_m_high, array_agg(x.height_m) AS height_m_said,
               min(x.floors) AS floors_low, max(x.floors) AS floors_high, array_agg(x.floors) AS floors_said,
               min(x.households) AS households_low, max(x.households) AS households_high, array_agg(x.households) AS households_said,
               min(x.built_year) AS built_year_low, max(x.built_year) AS built_year_high, array_agg(x.built_year) AS built_year_said,
               array_agg(x.location) AS location_said, array_agg(CASE WHEN x.location IS NOT NULL THEN '' END) AS placed
          FROM {generation}.building_link k
          JOIN {generation}.building_claim x ON x.id = k.id
         WHERE k.kind = 'building' AND k.building_id = c.id) m
  LEFT JOIN {generation}.compound_claim o ON NOT o.removed
   AND o.id = CASE WHEN m.compound_ref_low IS NOT DISTINCT FROM m.compound_ref_high THEN m.compound_ref_low
            ELSE hub.surviving_text(
                 (SELECT r.rule FROM hub.survivorship_now r WHERE r.kind = 'building' AND r.attribute = 'compound'),
                 (SELECT d.chosen FROM {generation}.decision d WHERE d.entity_kind = 'building' AND d.entity = ANY (m.claim_ids) AND d.attribute = 'compound' ORDER BY d.position DESC LIMIT 1),
                 c.id, m.claim_ids, m.dates, m.filled, m.compound_ref_said) END;
COMMENT ON VIEW {twin}.building IS 'Buildings: one row a thing, put together from what every source says of it, by the rules in hub.survivorship_rule (楼幢)';
COMMENT ON COLUMN {twin}.building.id IS 'Stable id: <source>:<key> of the claim that gives the building its place (楼幢编号)';
COMMENT ON COLUMN {twin}.building.name IS 'Name; which source''s word stands: twin.provenance (名称)';
COMMENT ON COLUMN {twin}.building.name_en IS 'Name in English (英文名称)';
COMMENT ON COLUMN {twin}.building.address IS 'Address; which source''s word stands: twin.provenance (地址)';
COMMENT ON COLUMN {twin}.building.height_m IS 'Height in metres (高度)';
COMMENT ON COLUMN {twin}.building.floors IS 'Storeys above ground (层数)';
COMMENT ON COLUMN {twin}.building.footprint IS 'Outline, pieces united, WGS 84, EPSG:4326; null where no source gives one (基底轮廓)';
COMMENT ON COLUMN {twin}.building.compound_id IS 'Compound: twin.compound.id (所属小区)';
COMMENT ON COLUMN {twin}.building.usage IS 'Use in the source''s words (用途)';
COMMENT ON COLUMN {twin}.building.households IS 'Households as declared (户数)';
COMMENT ON COLUMN {twin}.building.built_year IS 'Year of construction (建成年份)';
COMMENT ON COLUMN {twin}.building.location IS 'A point of the building, WGS 84, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.building.claims IS 'How many claims of sources it rests on: twin.building_claim (声明数)';
COMMENT ON COLUMN {twin}.building.source IS 'Source of the claim that gives it its id: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.building.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.building.position IS 'Position in hub.event of that claim''s fact (事实位置)';
