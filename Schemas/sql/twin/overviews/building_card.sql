-- plpgsql keeps its plan for the session, and one plan fits all buildings: to make it takes ten times longer than to carry it out.
CREATE OR REPLACE FUNCTION {twin}.building_card(building text) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    RETURN (SELECT json_build_object(
        'id', b.id, 'name', b.name, 'name_en', b.name_en, 'address', b.address, 'height_m', b.height_m, 'floors', b.floors,
        'usage', b.usage, 'households', b.households, 'built_year', b.built_year,
        'compound', (SELECT c.name FROM {twin}.compound c WHERE c.id = b.compound_id),
        'longitude', round(ST_X(b.location)::numeric, 6), 'latitude', round(ST_Y(b.location)::numeric, 6),
        'area_m2', round(ST_Area(b.footprint::geography)),
        'claims', (SELECT coalesce(json_agg(json_build_object('source', c.source, 'department', c.department, 'id', c.id, 'name', c.name,
                              'address', c.address, 'height_m', c.height_m, 'floors', c.floors, 'method', c.method, 'since', c.since)
                              ORDER BY c.method <> 'self', c.source, c.id), '[]')
                     FROM {twin}.building_claim c WHERE c.building_id = building_card.building),
        'conflicts', (SELECT coalesce(json_agg(json_build_object('attribute', k.attribute, 'status', k.status, 'words', k.words,
                                 'difference', k.difference, 'tolerance', k.tolerance, 'resolved_by', k.resolved_by, 'chosen', k.chosen)
                                 ORDER BY k.status, k.attribute), '[]')
                        FROM {twin}.conflict k WHERE k.kind = 'building' AND k.entity_id = building_card.building),
        'residents', (SELECT coalesce(json_agg(json_build_object('source', r.source, 'department', r.department, 'basis', r.basis,
                              'residents', r.residents) ORDER BY r.source, r.basis), '[]')
                        FROM {twin}.resident_count r WHERE r.building_id = building_card.building),
        'homes', (SELECT coalesce(json_agg(json_build_object('id', d.id, 'source', d.source, 'entrance', d.entrance, 'room', d.room,
                          'area_m2', d.area_m2, 'tenure', d.tenure) ORDER BY d.source, d.entrance, d.room, d.id), '[]')
                    FROM {twin}.dwelling d WHERE d.building_id = building_card.building),
        'pipes', (SELECT coalesce(json_agg(json_build_object('id', p.id, 'method', l.method, 'length_m', p.length_m,
                          'diameter_mm', p.diameter_mm, 'placement', p.placement) ORDER BY l.method, p.id), '[]')
                    FROM {twin}.building_pipe l JOIN {twin}.pipe p ON p.id = l.pipe_id WHERE l.building_id = building_card.building),
        'sensors', (SELECT coalesce(json_agg(json_build_object('id', s.id, 'name', s.name, 'observed_property', s.observed_property, 'unit', s.unit,
                            'method', s.link_method) ORDER BY s.id), '[]')
                      FROM {twin}.sensor s WHERE s.building_id = building_card.building),
        'data_points', (SELECT coalesce(json_agg(json_build_object('sensor', s.id, 'observed_property', o.observed_property, 'unit', o.unit,
                                'observed_at', o.observed_at, 'value', o.value, 'quality', o.quality) ORDER BY s.id, o.observed_property), '[]')
                          FROM {twin}.sensor s
                         CROSS JOIN LATERAL (
                               -- From one property to the next by the key: years of readings are not looked at.
                               WITH RECURSIVE p (name) AS (
                                   (SELECT o.observed_property FROM {twin}.observation o WHERE o.sensor_id = s.id ORDER BY o.observed_property LIMIT 1)
                                   UNION ALL
                                   SELECT (SELECT o.observed_property FROM {twin}.observation o
                                            WHERE o.sensor_id = s.id AND o.observed_property > p.name ORDER BY o.observed_property LIMIT 1)
                                     FROM p WHERE p.name IS NOT NULL)
                               SELECT p.name FROM p WHERE p.name IS NOT NULL) p
                         CROSS JOIN LATERAL (
                               SELECT o.* FROM {twin}.observation o
                                WHERE o.sensor_id = s.id AND o.observed_property = p.name ORDER BY o.observed_at DESC LIMIT 1) o
                         WHERE s.building_id = building_card.building),
        'open_cases', (SELECT count(*) FROM {twin}."case" k WHERE k.building_id = building_card.building AND k.is_open),
        'cases', (SELECT coalesce(json_agg(json_build_object('id', k.id, 'channel', k.channel, 'category', k.category, 'status', coalesce(k.status, 'unknown'),
                          'is_open', k.is_open, 'received_at', k.received_at, 'closed_at', k.closed_at, 'method', k.link_method)
                          ORDER BY k.is_open DESC, k.received_at DESC NULLS LAST, k.id), '[]')
                    FROM {twin}."case" k WHERE k.building_id = building_card.building),
        'sources', (SELECT coalesce(json_agg(json_build_object('source', s.name, 'department', s.department, 'says', u.kinds) ORDER BY s.name), '[]')
                      FROM (SELECT split_part(k.id, ':', 1) AS source, array_agg(DISTINCT k.kind ORDER BY k.kind) AS kinds
                              FROM (SELECT 'building' AS kind, x.id AS id FROM {twin}.building_claim x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'dwelling' AS kind, x.id AS id FROM {twin}.dwelling x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'pipe' AS kind, x.pipe_id AS id FROM {twin}.building_pipe x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'sensor' AS kind, x.id AS id FROM {twin}.sensor x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'case' AS kind, x.id AS id FROM {twin}."case" x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'entrance' AS kind, x.id AS id FROM {twin}.entrance x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'address' AS kind, x.id AS id FROM {twin}.address x WHERE x.building_id = building_card.building
                                    UNION ALL SELECT 'building_part' AS kind, x.id AS id FROM {twin}.building_part x WHERE x.building_id = building_card.building) k GROUP BY 1) u
                      JOIN hub.source s ON s.name = u.source),
        'parts', (SELECT count(*) FROM {twin}.building_part p WHERE p.building_id = building_card.building),
        'entrances', (SELECT count(*) FROM {twin}.entrance e WHERE e.building_id = building_card.building))
      FROM {twin}.building b
     WHERE b.id = building_card.building);
END $$;
COMMENT ON FUNCTION {twin}.building_card(text) IS 'All that is known of one building, as JSON: claims and conflicts, people by source, homes, pipes, sensors and the last reading of each property, cases, sources; null where there is no such building (楼幢卡片)';
