CREATE OR REPLACE VIEW {twin}.building_claim AS
SELECT l.building_id,
       c.id,
       split_part(c.id, ':', 1) AS source,
       s.department,
       c.name,
       c.name_en,
       c.address,
       c.height_m,
       c.floors,
       c.usage,
       c.households,
       c.built_year,
       c.compound_ref AS compound,
       c.location,
       l.method,
       c.effective_at AS since,
       c.position
  FROM {generation}.building_claim c
  JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.id
  LEFT JOIN hub.source s ON s.id = c.source_id;
COMMENT ON VIEW {twin}.building_claim IS 'What each source says of a building now (各部门对楼幢的说法)';
COMMENT ON COLUMN {twin}.building_claim.building_id IS 'Building that the claim belongs to: twin.building.id (楼幢)';
COMMENT ON COLUMN {twin}.building_claim.id IS 'The claim: <source>:<key> (声明编号)';
COMMENT ON COLUMN {twin}.building_claim.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.building_claim.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.building_claim.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.building_claim.name_en IS 'Name in English (英文名称)';
COMMENT ON COLUMN {twin}.building_claim.address IS 'Address as the source writes it (地址)';
COMMENT ON COLUMN {twin}.building_claim.height_m IS 'Height in metres (高度)';
COMMENT ON COLUMN {twin}.building_claim.floors IS 'Storeys above ground (层数)';
COMMENT ON COLUMN {twin}.building_claim.usage IS 'Use in the source''s words (用途)';
COMMENT ON COLUMN {twin}.building_claim.households IS 'Households as declared (户数)';
COMMENT ON COLUMN {twin}.building_claim.built_year IS 'Year of construction (建成年份)';
COMMENT ON COLUMN {twin}.building_claim.compound IS 'Compound it names: <source>:<key> (小区)';
COMMENT ON COLUMN {twin}.building_claim.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.building_claim.method IS 'How it was linked: self (is the building), key (names it), inside (stands in it), among (in it and in others), match (by the rules), steward (关联方式)';
COMMENT ON COLUMN {twin}.building_claim.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.building_claim.position IS 'Position in hub.event of the fact it comes from (事实位置)';
