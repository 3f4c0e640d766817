CREATE OR REPLACE VIEW {twin}.change AS
SELECT c.position,
       split_part(c.type, '.', 1) AS kind,
       CASE WHEN c.type <> 'twin.rebuilt' THEN substr(c.subject, strpos(c.subject, '/') + 1) END AS id,
       split_part(c.type, '.', 2) AS what,
       c.payload -> 'before' AS before,
       c.payload -> 'after' AS after,
       c.payload ->> 'district' AS district,
       c.payload ->> 'grid_cell' AS grid_cell,
       c.caused_by,
       c.recorded_at
  FROM hub.twin_change c;
COMMENT ON VIEW {twin}.change IS 'What facts changed in the twin, in order, for 30 days; services read it as the stream twin (孪生变更)';
COMMENT ON COLUMN {twin}.change.position IS 'Position of its own, not the log''s (位置)';
COMMENT ON COLUMN {twin}.change.kind IS 'Kind of thing, such as building; twin where everything may have changed (种类)';
COMMENT ON COLUMN {twin}.change.id IS 'Its id in the view of its kind (编号)';
COMMENT ON COLUMN {twin}.change.what IS 'created, changed, removed; rebuilt where everything may have changed (变更类型)';
COMMENT ON COLUMN {twin}.change.before IS 'What of the row was otherwise; all of it where the thing is gone; null where it is new (变更前)';
COMMENT ON COLUMN {twin}.change.after IS 'The row as it was then; null where the thing is gone (变更后)';
COMMENT ON COLUMN {twin}.change.district IS 'District, where the row says so (区划)';
COMMENT ON COLUMN {twin}.change.grid_cell IS 'Grid cell, where the row says so (网格)';
COMMENT ON COLUMN {twin}.change.caused_by IS 'Position in hub.event of the last fact about the thing, else of the last one that was folded with it (起因)';
COMMENT ON COLUMN {twin}.change.recorded_at IS 'When it was written (记录时间)';
