-- One row for each value that a source says: what the rules of survivorship choose from. Claims that are not joined (building_link, entity_link) are things
-- of their own.
CREATE OR REPLACE VIEW {twin}.claim_value AS
SELECT v.kind, v.entity_id, v.attribute, v.claim_id, s.name AS source, s.department, v.value, v.number, v.place, v.filled, v.since, v.position
  FROM (
        SELECT 'building'::text COLLATE "C" AS kind, l.building_id AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.name, c.name_en, c.address, c.compound_ref, c.usage, c.height_m, c.floors, c.households, c.built_year, c.location) AS filled, c.effective_at AS since, c.position
          FROM {generation}.building_claim c
          JOIN {generation}.building_link l ON l.kind = 'building' AND l.id = c.id
         CROSS JOIN LATERAL (VALUES
               ('name', c.name, NULL, NULL),
               ('name_en', c.name_en, NULL, NULL),
               ('address', c.address, NULL, NULL),
               ('compound', c.compound_ref, NULL, NULL),
               ('usage', c.usage, NULL, NULL),
               ('height_m', c.height_m::text, c.height_m::double precision, NULL::geometry),
               ('floors', c.floors::text, c.floors::double precision, NULL::geometry),
               ('households', c.households::text, c.households::double precision, NULL::geometry),
               ('built_year', c.built_year::text, c.built_year::double precision, NULL::geometry),
               ('location', round(ST_X(c.location)::numeric, 6) || ' ' || round(ST_Y(c.location)::numeric, 6), NULL, c.location)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL
        UNION ALL
        SELECT 'pipe'::text COLLATE "C" AS kind, c.id AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.length_m, c.diameter_mm, c.roughness, c.material, c.status) AS filled, c.effective_at AS since, c.position
          FROM {generation}.pipe_claim c
         CROSS JOIN LATERAL (VALUES
               ('length_m', c.length_m::text, c.length_m::double precision, NULL::geometry),
               ('diameter_mm', c.diameter_mm::text, c.diameter_mm::double precision, NULL::geometry),
               ('roughness', c.roughness::text, c.roughness::double precision, NULL::geometry),
               ('material', c.material, NULL, NULL),
               ('status', c.status, NULL, NULL)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL
        UNION ALL
        SELECT 'sensor'::text COLLATE "C" AS kind, coalesce(e.entity_id, c.id) AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.name, c.observed_property, c.unit, c.platform, c.location) AS filled, c.effective_at AS since, c.position
          FROM {generation}.sensor_claim c
          LEFT JOIN {generation}.entity_link e ON e.kind = 'sensor' AND e.id = c.id
         CROSS JOIN LATERAL (VALUES
               ('name', c.name, NULL::double precision, NULL::geometry),
               ('observed_property', c.observed_property, NULL, NULL),
               ('unit', c.unit, NULL, NULL),
               ('platform', c.platform, NULL, NULL),
               ('location', round(ST_X(c.location)::numeric, 6) || ' ' || round(ST_Y(c.location)::numeric, 6), NULL, c.location)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL
        UNION ALL
        SELECT 'compound'::text COLLATE "C" AS kind, coalesce(e.entity_id, c.id) AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.name, c.address, c.manager, c.households, c.location) AS filled, c.effective_at AS since, c.position
          FROM {generation}.compound_claim c
          LEFT JOIN {generation}.entity_link e ON e.kind = 'compound' AND e.id = c.id
         CROSS JOIN LATERAL (VALUES
               ('name', c.name, NULL, NULL),
               ('address', c.address, NULL, NULL),
               ('manager', c.manager, NULL, NULL),
               ('households', c.households::text, c.households::double precision, NULL::geometry),
               ('location', round(ST_X(c.location)::numeric, 6) || ' ' || round(ST_Y(c.location)::numeric, 6), NULL, c.location)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL
        UNION ALL
        SELECT 'dwelling'::text COLLATE "C" AS kind, coalesce(e.entity_id, c.id) AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.entrance, c.room, c.area_m2, c.tenure, c.occupants) AS filled, c.effective_at AS since, c.position
          FROM {generation}.dwelling_claim c
          LEFT JOIN {generation}.entity_link e ON e.kind = 'dwelling' AND e.id = c.id
         CROSS JOIN LATERAL (VALUES
               ('entrance', c.entrance, NULL, NULL),
               ('room', c.room, NULL, NULL),
               ('area_m2', c.area_m2::text, c.area_m2::double precision, NULL::geometry),
               ('tenure', c.tenure, NULL, NULL),
               ('occupants', c.occupants::text, c.occupants::double precision, NULL::geometry)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL
        UNION ALL
        SELECT 'entrance'::text COLLATE "C" AS kind, coalesce(e.entity_id, c.id) AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.name, c.address, c.location) AS filled, c.effective_at AS since, c.position
          FROM {generation}.entrance_claim c
          LEFT JOIN {generation}.entity_link e ON e.kind = 'entrance' AND e.id = c.id
         CROSS JOIN LATERAL (VALUES
               ('name', c.name, NULL::double precision, NULL::geometry),
               ('address', c.address, NULL, NULL),
               ('location', round(ST_X(c.location)::numeric, 6) || ' ' || round(ST_Y(c.location)::numeric, 6), NULL, c.location)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL
        UNION ALL
        SELECT 'case'::text COLLATE "C" AS kind, c.id AS entity_id, a.attribute::text COLLATE "C" AS attribute, c.id AS claim_id, c.source_id, a.value, a.number, a.place,
               num_nonnulls(c.channel, c.category, c.subcategory, c.district, c.address, c.handler, c.department, c.location) AS filled, c.effective_at AS since, c.position
          FROM {generation}.case_claim c
         CROSS JOIN LATERAL (VALUES
               ('channel', c.channel, NULL::double precision, NULL::geometry),
               ('category', c.category, NULL, NULL),
               ('subcategory', c.subcategory, NULL, NULL),
               ('district', c.district, NULL, NULL),
               ('address', c.address, NULL, NULL),
               ('handler', c.handler, NULL, NULL),
               ('department', c.department, NULL, NULL),
               ('location', round(ST_X(c.location)::numeric, 6) || ' ' || round(ST_Y(c.location)::numeric, 6), NULL, c.location)) a (attribute, value, number, place)
         WHERE NOT c.removed AND a.value IS NOT NULL) v
  JOIN hub.source s ON s.id = v.source_id;
COMMENT ON VIEW {twin}.claim_value IS 'Every value that a source says of a thing now (各来源取值)';
COMMENT ON COLUMN {twin}.claim_value.kind IS 'Kind of thing (类别)';
COMMENT ON COLUMN {twin}.claim_value.entity_id IS 'The thing: id in the twin''s view of its kind (对象编号)';
COMMENT ON COLUMN {twin}.claim_value.attribute IS 'Its attribute (属性)';
COMMENT ON COLUMN {twin}.claim_value.claim_id IS 'The claim: <source>:<the source''s own key> (声明编号)';
COMMENT ON COLUMN {twin}.claim_value.source IS 'Source that says so: hub.source.name (来源)';
COMMENT ON COLUMN {twin}.claim_value.department IS 'Department that owns the source (部门)';
COMMENT ON COLUMN {twin}.claim_value.value IS 'What it says, as text; of a place longitude and latitude (取值)';
COMMENT ON COLUMN {twin}.claim_value.number IS 'The same as a number, where it is one (数值)';
COMMENT ON COLUMN {twin}.claim_value.place IS 'The same as a place, where it is one, EPSG:4326 (位置)';
COMMENT ON COLUMN {twin}.claim_value.filled IS 'How many attributes the claim fills (填写项数)';
COMMENT ON COLUMN {twin}.claim_value.since IS 'Since when it counts: the date in the source, else when it was recorded (起始时间)';
COMMENT ON COLUMN {twin}.claim_value.position IS 'Position in hub.event of the fact it comes from (事实位置)';
