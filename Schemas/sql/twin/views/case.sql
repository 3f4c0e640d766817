CREATE OR REPLACE VIEW {twin}."case" AS
SELECT c.id,
       c.channel,
       c.category,
       t.status,
       coalesce(t.is_open, true) AS is_open,
       c.occurred_at AS received_at,
       t.closed_at,
       l.building_id,
       c.location,
       l.method AS link_method,
       c.subcategory,
       c.description,
       c.district,
       c.address,
       c.handler,
       c.department,
       t.status_at,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position,
       c.street,
       c.community,
       c.urgency,
       coalesce(json_array_length(t.anomalies), 0) AS anomalies
  FROM {generation}.case_claim c
  LEFT JOIN {generation}.case_state t ON t.case_id = c.id
  LEFT JOIN {generation}.building_link l ON l.kind = 'case' AND l.id = c.id
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}."case" IS 'Cases: reports, requests, incidents; write it with its schema, CASE is a reserved word (工单)';
COMMENT ON COLUMN {twin}."case".id IS '<source>:<the source''s case number> (工单编号)';
COMMENT ON COLUMN {twin}."case".channel IS 'How it came in: 12345, 110, app … (渠道)';
COMMENT ON COLUMN {twin}."case".category IS 'Category (类别)';
COMMENT ON COLUMN {twin}."case".status IS 'Where it stands, the latest step that moved it: received, dispatched, accepted, returned, contacted, progressed, answered, called_back, closed, reopened, shelved, merged; what the life cycle allows (状态)';
COMMENT ON COLUMN {twin}."case".is_open IS 'Whether it is still open: not closed (or reopened since), and not merged into another; closed cases without a date of closing are not open either (是否未结)';
COMMENT ON COLUMN {twin}."case".received_at IS 'When it was received, as the source says (受理时间)';
COMMENT ON COLUMN {twin}."case".closed_at IS 'When it was closed; null while open or reopened, and where the source gives no date: ask is_open. Closed is not fixed (办结时间)';
COMMENT ON COLUMN {twin}."case".building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}."case".location IS 'Place, WGS 84 longitude and latitude, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}."case".link_method IS 'How the building was found: key, inside, near within 20 m; null without one (关联方式)';
COMMENT ON COLUMN {twin}."case".subcategory IS 'Finer category (子类别)';
COMMENT ON COLUMN {twin}."case".description IS 'What it is about (内容)';
COMMENT ON COLUMN {twin}."case".district IS 'District (区划)';
COMMENT ON COLUMN {twin}."case".address IS 'Address as reported (地址)';
COMMENT ON COLUMN {twin}."case".handler IS 'Who handles it (承办单位)';
COMMENT ON COLUMN {twin}."case".department IS 'Department in charge (主管部门)';
COMMENT ON COLUMN {twin}."case".status_at IS 'Since when it has this status (状态时间)';
COMMENT ON COLUMN {twin}."case".source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}."case".since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}."case".position IS 'Position in hub.event of the fact it comes from (事实位置)';
COMMENT ON COLUMN {twin}."case".street IS 'Street or town, as the source says (街镇)';
COMMENT ON COLUMN {twin}."case".community IS 'Residential community, as the source says (居村)';
COMMENT ON COLUMN {twin}."case".urgency IS 'Level in the source''s words; limits may depend on it (紧急程度)';
COMMENT ON COLUMN {twin}."case".anomalies IS 'How many of its steps do not fit the life cycle: twin.case_anomaly (异常环节数)';
