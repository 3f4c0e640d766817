CREATE OR REPLACE VIEW {twin}.organisation AS
SELECT c.id,
       c.name,
       c.credit_code,
       c.role,
       c.address,
       c.location,
       l.building_id,
       coalesce(e.entity_id, c.id) AS entity_id,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.organisation_claim c
  LEFT JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.building_ref
  LEFT JOIN {generation}.entity_link e ON e.kind = 'organisation' AND e.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.organisation IS 'Organisations as sources list them: companies, committees, departments (组织)';
COMMENT ON COLUMN {twin}.organisation.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.organisation.name IS 'Name (名称)';
COMMENT ON COLUMN {twin}.organisation.credit_code IS 'Unified social credit code as the source writes it (统一社会信用代码)';
COMMENT ON COLUMN {twin}.organisation.role IS 'What it does here (角色)';
COMMENT ON COLUMN {twin}.organisation.address IS 'Address as the source writes it (地址)';
COMMENT ON COLUMN {twin}.organisation.location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.organisation.building_id IS 'Building that it names: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.organisation.entity_id IS 'Which organisation it is: the claim that stands for all that are the same one (同一对象)';
COMMENT ON COLUMN {twin}.organisation.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.organisation.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.organisation.position IS 'Position in hub.event of the fact it comes from (事实位置)';
