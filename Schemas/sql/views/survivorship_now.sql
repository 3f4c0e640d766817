CREATE OR REPLACE VIEW hub.survivorship_now AS
SELECT DISTINCT ON (r.kind, r.attribute)
       r.kind,
       r.attribute,
       -- As hub.survivor takes it: the rule, then the ranked sources; a department stands for its sources.
       r.rule || ARRAY(SELECT coalesce(s.name, w.word)
                         FROM unnest(r.sources) WITH ORDINALITY w (word, n)
                         LEFT JOIN hub.source s ON s.department = w.word AND NOT EXISTS (SELECT FROM hub.source x WHERE x.name = w.word)
                        ORDER BY w.n, s.name) AS rule,
       r.tolerance,
       r.valid_from,
       r.valid_to,
       r.set_by
  FROM hub.survivorship_rule r
 WHERE r.valid_from <= now() AND (r.valid_to IS NULL OR r.valid_to > now())
 ORDER BY r.kind, r.attribute, r.valid_from DESC, r.set_at DESC;
COMMENT ON VIEW hub.survivorship_now IS 'The rules of survivorship that hold now (现行取值规则)';
COMMENT ON COLUMN hub.survivorship_now.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN hub.survivorship_now.attribute IS 'Its attribute (属性)';
COMMENT ON COLUMN hub.survivorship_now.rule IS 'The rule, then sources by their names, best first (规则与来源顺序)';
COMMENT ON COLUMN hub.survivorship_now.tolerance IS 'Two departments conflict when they differ by more; null: never (允许差异)';
COMMENT ON COLUMN hub.survivorship_now.valid_from IS 'Since when it holds (生效时间)';
COMMENT ON COLUMN hub.survivorship_now.valid_to IS 'Until when; null without an end (失效时间)';
COMMENT ON COLUMN hub.survivorship_now.set_by IS 'Who set it (设定人)';
