-- What the twin would be without a source, as far as it can be counted: values that stand, and of these the ones that nobody else says.
CREATE OR REPLACE VIEW {twin}.source_value AS
WITH value AS (
     SELECT p.source, count(*) AS standing,
            count(*) FILTER (WHERE p.losers IS NULL) AS sole,
            count(*) FILTER (WHERE EXISTS (SELECT FROM json_array_elements(p.losers) l WHERE l ->> 'source' <> p.source AND l ->> 'value' IS DISTINCT FROM p.value)) AS prevailing
       FROM {twin}.provenance p WHERE p.kind <> 'case' GROUP BY p.source),
said AS (SELECT v.source, count(*) AS said FROM {twin}.claim_value v WHERE v.kind <> 'case' GROUP BY v.source),
person AS (
     -- Somebody whom no other register has.
     SELECT r.source_id, count(*) AS people, count(*) FILTER (WHERE r.sources = 1) AS sole
       FROM (SELECT DISTINCT c.source_id, c.person, count(*) OVER (PARTITION BY c.person) AS sources
               FROM (SELECT DISTINCT x.source_id, {twin}.person_key(coalesce(e.entity_id, x.id)) AS person
                       FROM (SELECT r.source_id, r.id FROM {generation}.resident_claim r WHERE NOT r.removed
                             UNION ALL
                             SELECT b.source_id, b.id FROM {generation}.benefit_claim b WHERE NOT b.removed) x
                       LEFT JOIN {generation}.entity_link e ON e.kind = 'person' AND e.id = x.id) c) r
      GROUP BY r.source_id),
-- Facts by kind: of what is no value of claim_value and no entry of a list, no other source tells the same.
told AS (
     SELECT f.source_id, sum(f.facts) AS facts, max(f.last_recorded_at) AS last_fact_at,
            sum(f.facts) FILTER (WHERE f.kind NOT IN ('building', 'pipe', 'sensor', 'compound', 'dwelling', 'entrance', 'resident', 'benefit')) AS elsewhere
       FROM {generation}.freshness f GROUP BY f.source_id)
SELECT s.name AS source, s.department,
       t.facts::bigint AS facts,
       coalesce(d.said, 0) AS values_said,
       coalesce(v.standing, 0) AS values_standing,
       coalesce(v.sole, 0) AS values_sole,
       coalesce(v.prevailing, 0) AS values_prevailing,
       coalesce(p.people, 0) AS people,
       coalesce(p.sole, 0) AS people_sole,
       coalesce(t.elsewhere, 0)::bigint AS other_facts,
       t.last_fact_at,
       coalesce(v.sole, 0) + coalesce(v.prevailing, 0) + coalesce(p.sole, 0) + coalesce(t.elsewhere, 0) = 0 AS changes_nothing
  FROM told t
  JOIN hub.source s ON s.id = t.source_id
  LEFT JOIN value v ON v.source = s.name
  LEFT JOIN said d ON d.source = s.name
  LEFT JOIN person p ON p.source_id = s.id;
COMMENT ON VIEW {twin}.source_value IS 'What each source is worth to the twin: values that stand because of it, people whom nobody else lists, facts of other kinds; and sources without which the twin would be the same (数据源价值)';
COMMENT ON COLUMN {twin}.source_value.source IS 'hub.source.name (来源)';
COMMENT ON COLUMN {twin}.source_value.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.source_value.facts IS 'Facts folded into the twin (事实数)';
COMMENT ON COLUMN {twin}.source_value.values_said IS 'Values that it says of things now (申报取值数)';
COMMENT ON COLUMN {twin}.source_value.values_standing IS 'Of these, values that stand in the twin (采用取值数)';
COMMENT ON COLUMN {twin}.source_value.values_sole IS 'Standing values that no other claim gives (独有取值数)';
COMMENT ON COLUMN {twin}.source_value.values_prevailing IS 'Standing values of which another source says something else: without this one the twin would say that (胜出取值数)';
COMMENT ON COLUMN {twin}.source_value.people IS 'People on its lists (名册人数)';
COMMENT ON COLUMN {twin}.source_value.people_sole IS 'Of these, people on no list of another source (独有人数)';
COMMENT ON COLUMN {twin}.source_value.other_facts IS 'Facts of other kinds: readings, cases, networks, homes counted, grid cells (其他事实数)';
COMMENT ON COLUMN {twin}.source_value.last_fact_at IS 'When its last fact was recorded (最近记录时间)';
COMMENT ON COLUMN {twin}.source_value.changes_nothing IS 'Whether the twin would be the same without it: nothing sole, nothing that prevails, no facts of other kinds (对孪生无影响)';
