CREATE OR REPLACE VIEW {twin}.provenance AS
SELECT g.kind,
       g.entity_id,
       g.attribute,
       CASE WHEN g.is_text THEN hub.surviving_text(g.rule, d.chosen, g.entity_id, g.claim_ids, g.dates, g.filled, g.said) ELSE g."values"[w.number] END AS value,
       g.claim_ids[w.number] AS claim_id,
       g.sources[w.number] AS source,
       g.departments[w.number] AS department,
       g.positions[w.number] AS position,
       g.dates[w.number] AS since,
       g.rule[1] AS rule,
       -- One whose claim says nothing any more decides nothing.
       CASE WHEN g.claim_ids[w.number] = d.chosen THEN d.position END AS decision,
       (SELECT json_agg(json_build_object('claim', g.claim_ids[n], 'source', g.sources[n], 'department', g.departments[n], 'value', g."values"[n],
                                          'since', g.dates[n], 'position', g.positions[n]) ORDER BY g.dates[n] DESC, g.claim_ids[n])
          FROM generate_subscripts(g.claim_ids, 1) n WHERE n <> w.number) AS losers
  FROM (SELECT v.kind, v.entity_id, v.attribute, coalesce(min(r.rule), '{most_recent}') AS rule,
               array_agg(v.claim_id) AS claim_ids, array_agg(v.source) AS sources, array_agg(v.department) AS departments,
               array_agg(v.since) AS dates, array_agg(v.position) AS positions, array_agg(v.filled) AS filled, array_agg(v.value) AS "values",
               -- A place is neither long nor in the majority.
               array_agg(CASE WHEN v.place IS NULL THEN v.value ELSE '' END) AS said,
               bool_and(v.number IS NULL AND v.place IS NULL) AS is_text
          FROM {twin}.claim_value v
          LEFT JOIN hub.survivorship_now r ON r.kind = v.kind AND r.attribute = v.attribute
         GROUP BY v.kind, v.entity_id, v.attribute) g
  LEFT JOIN {generation}.entity_decision d ON d.kind = g.kind AND d.entity_id = g.entity_id AND d.attribute = g.attribute
 CROSS JOIN LATERAL (SELECT hub.survivor(g.rule, d.chosen, g.entity_id, g.claim_ids, g.dates, g.filled, g.said) AS number) w;
COMMENT ON VIEW {twin}.provenance IS 'Who says so: for each value of the twin the claim that stands, by which rule, and what the others said (取值来历)';
COMMENT ON COLUMN {twin}.provenance.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.provenance.entity_id IS 'The thing: id in the twin''s view of its kind (对象编号)';
COMMENT ON COLUMN {twin}.provenance.attribute IS 'Its attribute (属性)';
COMMENT ON COLUMN {twin}.provenance.value IS 'The value that stands, as text; of a place longitude and latitude (取值)';
COMMENT ON COLUMN {twin}.provenance.claim_id IS 'The claim that it is from: <source>:<the source''s own key> (声明编号)';
COMMENT ON COLUMN {twin}.provenance.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.provenance.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.provenance.position IS 'Position in hub.event of the fact it comes from (事实位置)';
COMMENT ON COLUMN {twin}.provenance.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.provenance.rule IS 'The rule of survivorship: hub.survivorship_rule (取值规则)';
COMMENT ON COLUMN {twin}.provenance.decision IS 'Position of the steward''s decision, where one and not the rule chose the claim (人工裁定)';
COMMENT ON COLUMN {twin}.provenance.losers IS 'What other claims say, the most recent first; null where there are none (其他说法)';
