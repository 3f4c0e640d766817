CREATE OR REPLACE FUNCTION {twin}.building_card(building text) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT json_build_object(
        'id', b.id, 'name', b.name, 'name_en', b.name_en, 'address', b.address, 'height_m', b.height_m, 'floors', b.floors,
        'usage', b.usage, 'compound', (SELECT c.name FROM {twin}.compound c WHERE c.id = b.compound_id),
        'longitude', round(ST_X(b.location)::numeric, 6), 'latitude', round(ST_Y(b.location)::numeric, 6),
        'area_m2', round(ST_Area(b.footprint::geography)),
        'claims', (SELECT coalesce(json_agg(json_build_object('source', c.source, 'department', c.department, 'id', c.id, 'name', c.name,
                              'address', c.address, 'height_m', c.height_m, 'floors', c.floors, 'method', c.method, 'since', c.since)
                              ORDER BY c.method <> 'self', c.source, c.id), '[]')
                     FROM {twin}.building_claim c WHERE c.building_id = b.id),
        'residents', (SELECT coalesce(json_agg(json_build_object('source', r.source, 'department', r.department, 'basis', r.basis,
                              'residents', r.residents) ORDER BY r.source, r.basis), '[]')
                        FROM {twin}.resident_count r WHERE r.building_id = b.id),
        'dwellings', (SELECT coalesce(json_agg(json_build_object('source', d.source, 'dwellings', d.dwellings) ORDER BY d.source), '[]')
                        FROM (SELECT source, count(*) AS dwellings FROM {twin}.dwelling WHERE building_id = b.id GROUP BY source) d),
        'pipes', (SELECT coalesce(json_agg(json_build_object('id', p.id, 'method', l.method, 'length_m', p.length_m,
                          'diameter_mm', p.diameter_mm, 'placement', p.placement) ORDER BY l.method, p.id), '[]')
                    FROM {twin}.building_pipe l JOIN {twin}.pipe p ON p.id = l.pipe_id WHERE l.building_id = b.id),
        'sensors', (SELECT coalesce(json_agg(json_build_object('id', s.id, 'observed_property', s.observed_property, 'unit', s.unit,
                            'method', s.link_method, 'observed_at', o.observed_at, 'value', o.value) ORDER BY s.id), '[]')
                      FROM {twin}.sensor s
                      LEFT JOIN LATERAL (SELECT observed_at, value FROM {twin}.observation WHERE sensor_id = s.id
                                          ORDER BY observed_at DESC LIMIT 1) o ON true
                     WHERE s.building_id = b.id),
        'cases', (SELECT coalesce(json_agg(json_build_object('id', k.id, 'channel', k.channel, 'category', k.category, 'status', coalesce(k.status, 'unknown'),
                          'received_at', k.received_at, 'closed_at', k.closed_at, 'method', k.link_method)
                          ORDER BY k.received_at DESC NULLS LAST, k.id), '[]')
                    FROM {twin}."case" k WHERE k.building_id = b.id),
        'parts', (SELECT count(*) FROM {twin}.building_part p WHERE p.building_id = b.id),
        'entrances', (SELECT count(*) FROM {twin}.entrance e WHERE e.building_id = b.id))
      FROM {twin}.building b
     WHERE b.id = building
$$;
COMMENT ON FUNCTION {twin}.building_card(text) IS 'All that is known of one building, as JSON: claims, people by source, pipes, sensors with their last reading, cases; null where there is no such building (楼幢卡片)';
