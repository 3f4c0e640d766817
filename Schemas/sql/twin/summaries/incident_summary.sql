CREATE OR REPLACE VIEW {twin}.incident AS
SELECT r.incident_id AS id,
       count(*) AS reports,
       count(DISTINCT r.source) AS sources,
       array_agg(DISTINCT r.channel) FILTER (WHERE r.channel IS NOT NULL) AS channels,
       (array_agg(r.category) FILTER (WHERE r.is_first))[1] AS category,
       (array_agg(r.subcategory) FILTER (WHERE r.is_first))[1] AS subcategory,
       (array_agg(r.building_id ORDER BY r.is_first DESC, r.received_at, r.case_id) FILTER (WHERE r.building_id IS NOT NULL))[1] AS building_id,
       min(r.received_at) AS first_reported_at,
       max(r.received_at) AS last_reported_at,
       count(*) FILTER (WHERE r.is_open) AS open_reports,
       bool_or(r.is_open) AS is_open,
       CASE WHEN NOT bool_or(r.is_open) THEN max(r.closed_at) END AS closed_at,
       min(r.probability) AS weakest_link,
       bool_or(r.linked_by = 'merged') IS TRUE AS is_decided,
       array_agg(r.case_id ORDER BY r.received_at, r.case_id) AS case_ids
  FROM {twin}.incident_report r
 GROUP BY r.incident_id;
COMMENT ON VIEW {twin}.incident IS 'What happened, once: an incident with all its reports. Counts of trouble count these, counts of work count cases (事件)';
COMMENT ON COLUMN {twin}.incident.id IS 'The case that was received first of it: twin."case".id (事件编号)';
COMMENT ON COLUMN {twin}.incident.reports IS 'How many reports (上报次数)';
COMMENT ON COLUMN {twin}.incident.sources IS 'Of how many sources (来源数)';
COMMENT ON COLUMN {twin}.incident.channels IS 'By which channels (渠道)';
COMMENT ON COLUMN {twin}.incident.category IS 'Category of the first report (类别)';
COMMENT ON COLUMN {twin}.incident.subcategory IS 'Finer category of the first report (子类别)';
COMMENT ON COLUMN {twin}.incident.building_id IS 'Building: of the first report that has one (所属楼幢)';
COMMENT ON COLUMN {twin}.incident.first_reported_at IS 'When it was reported first (首报时间)';
COMMENT ON COLUMN {twin}.incident.last_reported_at IS 'When it was reported last (末报时间)';
COMMENT ON COLUMN {twin}.incident.open_reports IS 'How many of its reports are open (未结工单数)';
COMMENT ON COLUMN {twin}.incident.is_open IS 'Whether any report is open (是否未结)';
COMMENT ON COLUMN {twin}.incident.closed_at IS 'When the last of its reports was closed; null while one is open (办结时间)';
COMMENT ON COLUMN {twin}.incident.weakest_link IS 'The smallest of the probabilities by which its reports hang together; null for one report (最弱关联)';
COMMENT ON COLUMN {twin}.incident.is_decided IS 'Whether a steward linked some of its reports (是否人工裁定)';
COMMENT ON COLUMN {twin}.incident.case_ids IS 'Its reports, in the order of receipt (工单)';
