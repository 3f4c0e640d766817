CREATE OR REPLACE VIEW {twin}.compound AS
SELECT c.id,
       c.name,
       c.address,
       c.manager,
       c.aliases,
       c.households,
       c.location,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.compound_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.compound IS 'Residential compounds (小区)';
COMMENT ON COLUMN {twin}.compound.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.compound.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.compound.address IS 'Address as the source writes it (地址)';
COMMENT ON COLUMN {twin}.compound.manager IS 'Who manages it (物业公司)';
COMMENT ON COLUMN {twin}.compound.aliases IS 'Other names, as JSON (别名)';
COMMENT ON COLUMN {twin}.compound.households IS 'Households as declared (户数)';
COMMENT ON COLUMN {twin}.compound.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.compound.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.compound.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.compound.position IS 'Position in hub.event of the fact it comes from (事实位置)';
