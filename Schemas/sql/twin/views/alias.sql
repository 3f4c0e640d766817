CREATE OR REPLACE VIEW {twin}.alias AS
SELECT c.id,
       c.name,
       c.stands_for,
       c.valid_from,
       c.valid_to,
       c.reason,
       c.decided_by,
       split_part(c.id, ':', 1) AS source,
       c.effective_at AS since,
       c.position
  FROM {generation}.alias_claim c
 WHERE NOT c.removed;
COMMENT ON VIEW {twin}.alias IS 'Other names in addresses: former roads and compounds, old numbers, lanes known by a compound''s name (地址别名)';
COMMENT ON COLUMN {twin}.alias.id IS 'Stable id: <source>:<the source''s own key> (编号)';
COMMENT ON COLUMN {twin}.alias.name IS 'The alias, as an address has it (别名)';
COMMENT ON COLUMN {twin}.alias.stands_for IS 'What it stands for (所指)';
COMMENT ON COLUMN {twin}.alias.valid_from IS 'Since when it is one; null without a beginning (起)';
COMMENT ON COLUMN {twin}.alias.valid_to IS 'Until when; null without an end (止)';
COMMENT ON COLUMN {twin}.alias.reason IS 'Why (理由)';
COMMENT ON COLUMN {twin}.alias.decided_by IS 'Steward who says so; null of a department''s word (决定人)';
COMMENT ON COLUMN {twin}.alias.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.alias.since IS 'Since when it is said: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.alias.position IS 'Position in hub.event of the fact it comes from (事实位置)';
