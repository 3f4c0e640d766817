CREATE OR REPLACE VIEW {twin}.incident_report AS
SELECT coalesce(m.incident_id, c.id) AS incident_id,
       c.id AS case_id,
       substr(c.id, strpos(c.id, ':') + 1) AS number,
       c.source,
       c.channel,
       c.category,
       c.subcategory,
       c.received_at,
       c.status,
       c.is_open,
       c.closed_at,
       c.handler,
       c.building_id,
       c.location,
       coalesce(m.incident_id, c.id) = c.id AS is_first,
       p.probability,
       p.band AS linked_by,
       p.other_id AS linked_to,
       p.evidence
  FROM {twin}."case" c
  LEFT JOIN {generation}.incident_member m ON m.case_id = c.id
  LEFT JOIN LATERAL (
        SELECT x.band, x.probability, x.evidence, x.other_id
          FROM (SELECT p.band, p.probability, p.evidence, p.right_id AS other_id FROM {generation}.incident_pair p WHERE p.left_id = c.id
                 UNION ALL
                SELECT p.band, p.probability, p.evidence, p.left_id FROM {generation}.incident_pair p WHERE p.right_id = c.id) x
          JOIN {generation}.incident_member o ON o.case_id = x.other_id AND o.incident_id = m.incident_id
         WHERE x.band IN ('link', 'merged')
         ORDER BY x.band = 'merged' DESC, x.probability DESC, x.other_id LIMIT 1) p ON m.case_id IS NOT NULL;
COMMENT ON VIEW {twin}.incident_report IS 'Each case as a report of an incident: one event may be reported to several departments, and several times. Reports keep their own numbers, steps and clocks (同一事件的各次上报)';
COMMENT ON COLUMN {twin}.incident_report.incident_id IS 'The incident: the case that was received first of it; twin.incident.id (事件)';
COMMENT ON COLUMN {twin}.incident_report.case_id IS 'The report: twin."case".id (工单)';
COMMENT ON COLUMN {twin}.incident_report.number IS 'The source''s own number of it (工单编号)';
COMMENT ON COLUMN {twin}.incident_report.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.incident_report.channel IS 'How it came in: 12345, 110, property, grid … (渠道)';
COMMENT ON COLUMN {twin}.incident_report.category IS 'Category in the source''s words (类别)';
COMMENT ON COLUMN {twin}.incident_report.subcategory IS 'Finer category in the source''s words (子类别)';
COMMENT ON COLUMN {twin}.incident_report.received_at IS 'When this report was received (受理时间)';
COMMENT ON COLUMN {twin}.incident_report.status IS 'Where this report stands: twin."case".status (状态)';
COMMENT ON COLUMN {twin}.incident_report.is_open IS 'Whether this report is open (是否未结)';
COMMENT ON COLUMN {twin}.incident_report.closed_at IS 'When this report was closed (办结时间)';
COMMENT ON COLUMN {twin}.incident_report.handler IS 'Who handles this report (承办单位)';
COMMENT ON COLUMN {twin}.incident_report.building_id IS 'Building it belongs to: twin.building.id (所属楼幢)';
COMMENT ON COLUMN {twin}.incident_report.location IS 'Place of this report, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.incident_report.is_first IS 'Whether it is the report that the incident is named after: the first received (是否首报)';
COMMENT ON COLUMN {twin}.incident_report.probability IS 'By the weights, how probably it and linked_to are of one incident; null where it is alone (匹配概率)';
COMMENT ON COLUMN {twin}.incident_report.linked_by IS 'link: by the weights; merged: by a steward; null where it is alone (关联方式)';
COMMENT ON COLUMN {twin}.incident_report.linked_to IS 'The report of the incident with which it agrees best (最近似的上报)';
COMMENT ON COLUMN {twin}.incident_report.evidence IS 'How the two agree: for each attribute the level (1 is full agreement) and the weight for (above 0) or against, as log2 (证据)';
