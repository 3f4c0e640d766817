-- Which of several departments' words stands, for each attribute of each kind of thing: data, not code. Rows are added and never changed;
-- of several that are valid the one that began last counts, so that one with an end falls back to what held before.
CREATE TABLE hub.survivorship_rule (
    kind       text COLLATE "C" NOT NULL,
    attribute  text COLLATE "C" NOT NULL,
    rule       text NOT NULL CHECK (rule IN ('trusted_source', 'most_recent', 'longest', 'most_complete', 'majority', 'union')),
    sources    text[] NOT NULL DEFAULT '{}' CHECK (rule <> 'trusted_source' OR cardinality(sources) > 0),
    tolerance  double precision CHECK (tolerance >= 0),
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_to   timestamptz CHECK (valid_to > valid_from),
    set_by     text NOT NULL DEFAULT session_user,
    set_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, attribute, valid_from, set_at)
);
COMMENT ON TABLE hub.survivorship_rule IS 'Which source''s word stands for an attribute, and from what difference on sources conflict (取值规则)';
COMMENT ON COLUMN hub.survivorship_rule.kind IS 'Kind of thing: building, pipe … (类别)';
COMMENT ON COLUMN hub.survivorship_rule.attribute IS 'Its attribute, as a column of the twin''s view is named (属性)';
COMMENT ON COLUMN hub.survivorship_rule.rule IS 'trusted_source: the first of sources that says something; most_recent; longest; most_complete: who says most of the thing; majority; union: all different texts. Of equals the most recent stands (规则)';
COMMENT ON COLUMN hub.survivorship_rule.sources IS 'Best first: names of sources or departments; own is the claim that gives the thing its id, such as the footprint (来源顺序)';
COMMENT ON COLUMN hub.survivorship_rule.tolerance IS 'Two departments conflict when they differ by more: in the attribute''s unit, of places in metres, of texts 0 for any difference; null: never (允许差异)';
COMMENT ON COLUMN hub.survivorship_rule.valid_from IS 'Since when it holds (生效时间)';
COMMENT ON COLUMN hub.survivorship_rule.valid_to IS 'Until when; null without an end (失效时间)';
COMMENT ON COLUMN hub.survivorship_rule.set_by IS 'Who set it (设定人)';
COMMENT ON COLUMN hub.survivorship_rule.set_at IS 'When it was set (设定时间)';
-- Departments write names, addresses, usages and handlers each in their own way, and name compounds by keys of their own: no conflict in themselves.
INSERT INTO hub.survivorship_rule (kind, attribute, rule, sources, tolerance, valid_from, set_by)
SELECT kind, attribute, 'trusted_source', '{own}', tolerance, '1970-01-01', 'twinhub'
  FROM (VALUES
        ('building', 'name', NULL), ('building', 'name_en', NULL), ('building', 'address', NULL), ('building', 'compound', NULL),
        ('building', 'usage', NULL), ('building', 'height_m', 1), ('building', 'floors', 0), ('building', 'households', 0),
        ('building', 'built_year', 0), ('building', 'location', 50),
        ('pipe', 'length_m', 1), ('pipe', 'diameter_mm', 1), ('pipe', 'roughness', NULL), ('pipe', 'material', 0), ('pipe', 'status', 0),
        ('sensor', 'name', NULL), ('sensor', 'observed_property', 0), ('sensor', 'unit', 0), ('sensor', 'platform', NULL), ('sensor', 'location', 50),
        ('compound', 'name', NULL), ('compound', 'address', NULL), ('compound', 'manager', 0), ('compound', 'households', 0), ('compound', 'location', 200),
        ('dwelling', 'entrance', 0), ('dwelling', 'room', 0), ('dwelling', 'area_m2', 1), ('dwelling', 'tenure', 0), ('dwelling', 'occupants', 0),
        ('entrance', 'name', NULL), ('entrance', 'address', NULL), ('entrance', 'location', 20),
        ('case', 'channel', NULL), ('case', 'category', NULL), ('case', 'subcategory', NULL), ('case', 'district', 0), ('case', 'address', NULL),
        ('case', 'handler', NULL), ('case', 'department', NULL), ('case', 'location', 50)) shipped (kind, attribute, tolerance);
