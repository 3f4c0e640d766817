CREATE OR REPLACE VIEW {twin}.building AS
SELECT c.id,
       coalesce(c.name, m.name) AS name,
       coalesce(c.name_en, m.name_en) AS name_en,
       coalesce(c.address, m.address) AS address,
       coalesce(c.height_m, m.height_m) AS height_m,
       coalesce(c.floors, m.floors) AS floors,
       c.footprint,
       o.id AS compound_id,
       coalesce(c.usage, m.usage) AS usage,
       coalesce(c.households, m.households) AS households,
       coalesce(c.built_year, m.built_year) AS built_year,
       coalesce(c.location, m.location)::geometry(Point, 4326) AS location,
       1 + m.claims AS claims,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.building_claim c
  JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.id AND l.method = 'self'
  LEFT JOIN LATERAL (
        SELECT (array_agg(x.name ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.name IS NOT NULL))[1] AS name,
               (array_agg(x.name_en ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.name_en IS NOT NULL))[1] AS name_en,
               (array_agg(x.address ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.address IS NOT NULL))[1] AS address,
               (array_agg(x.height_m ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.height_m IS NOT NULL))[1] AS height_m,
               (array_agg(x.floors ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.floors IS NOT NULL))[1] AS floors,
               (array_agg(x.compound_ref ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.compound_ref IS NOT NULL))[1] AS compound_ref,
               (array_agg(x.usage ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.usage IS NOT NULL))[1] AS usage,
               (array_agg(x.households ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.households IS NOT NULL))[1] AS households,
               (array_agg(x.built_year ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.built_year IS NOT NULL))[1] AS built_year,
               (array_agg(x.location ORDER BY x.effective_at DESC, x.id) FILTER (WHERE x.location IS NOT NULL))[1] AS location,
               count(*) AS claims
          FROM {generation}.building_link k
          JOIN {generation}.building_claim x ON x.id = k.id
         WHERE k.kind = 'building' AND k.building_id = c.id AND k.method <> 'self') m ON true
  LEFT JOIN {generation}.compound_claim o ON o.id = coalesce(c.compound_ref, m.compound_ref) AND NOT o.removed;
COMMENT ON VIEW {twin}.building IS 'Buildings: one row a thing, put together from what every source says of it (楼幢)';
COMMENT ON COLUMN {twin}.building.id IS 'Stable id: <source>:<key> of the claim that gives the building its place (楼幢编号)';
COMMENT ON COLUMN {twin}.building.name IS 'Name, by the building''s own claim, else the most recent other one (名称)';
COMMENT ON COLUMN {twin}.building.name_en IS 'Name in English (英文名称)';
COMMENT ON COLUMN {twin}.building.address IS 'Address, by the building''s own claim, else the most recent other one (地址)';
COMMENT ON COLUMN {twin}.building.height_m IS 'Height in metres (高度)';
COMMENT ON COLUMN {twin}.building.floors IS 'Storeys above ground (层数)';
COMMENT ON COLUMN {twin}.building.footprint IS 'Outline, pieces united, WGS 84, EPSG:4326; null where no source gives one (基底轮廓)';
COMMENT ON COLUMN {twin}.building.compound_id IS 'Compound: twin.compound.id (所属小区)';
COMMENT ON COLUMN {twin}.building.usage IS 'Use in the source''s words (用途)';
COMMENT ON COLUMN {twin}.building.households IS 'Households as declared (户数)';
COMMENT ON COLUMN {twin}.building.built_year IS 'Year of construction (建成年份)';
COMMENT ON COLUMN {twin}.building.location IS 'A point of the building, WGS 84, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.building.claims IS 'How many claims of sources it rests on: twin.building_claim (声明数)';
COMMENT ON COLUMN {twin}.building.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.building.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.building.position IS 'Position in hub.event of the fact it comes from (事实位置)';
