import PostgresClient

/// The rows of the twin's views, in the form in which the reference writes them.
enum TwinRows {
    private static func us(_ time: String) -> String { "(extract(epoch FROM \(time)) * 1000000)::bigint" }
    private static func places(_ geometry: String) -> String {
        "round(ST_X(\(geometry)) * 1e7)::bigint || ' ' || round(ST_Y(\(geometry)) * 1e7)::bigint"
    }
    private static let localPoint = "ST_X(local_location) || ' ' || ST_Y(local_location)"
    private static let localPath = "coalesce(ST_NPoints(local_path), 0)"
    private static var ends: String { "\(places("ST_StartPoint(path)")), \(places("ST_EndPoint(path)"))" }

    /// Of the views with a row a value: what the reference knows.
    private static let conditions = ["provenance": "kind = 'building' AND attribute <> 'location'", "conflict": "kind = 'building' AND attribute <> 'location'"]

    private static let columns: [(view: String, columns: String)] = [
        ("building", """
            id, name, address, height_m, floors, compound_id, claims, ST_NumGeometries(footprint),
            round(ST_XMin(footprint) * 1e8)::bigint || ' ' || round(ST_YMin(footprint) * 1e8)::bigint || ' ' ||
            round(ST_XMax(footprint) * 1e8)::bigint || ' ' || round(ST_YMax(footprint) * 1e8)::bigint, \(us("since")), position
            """),
        ("building_claim", "building_id, id, source, name, address, height_m, floors, compound, method, \(us("since")), position"),
        ("provenance", "kind, entity_id, attribute, value, claim_id, department, position, \(us("since")), rule, decision, coalesce(json_array_length(losers), 0)"),
        ("conflict", "kind, entity_id, attribute, status, difference, chosen, resolved_by, decision, (SELECT count(*) FROM jsonb_object_keys(words))"),
        ("entity_claim", "kind, entity_id, claim_id, method"),
        ("person_claim", "entity_id, claim_id, method"), ("dwelling_resident", "dwelling_id, resident_id, method"),
        ("identity_pair", "kind, left_id, right_id, round(probability * 1e6)::bigint, is_same, verdict, is_open"),
        ("person_pair", "kind, left_id, right_id, round(probability * 1e6)::bigint, is_same, verdict, is_open"),
        ("building_part", "id, height_m, building_id, link_method, position"),
        ("entrance", "id, address, building_id, link_method, position"),
        ("address", "id, address, building_id, link_method, position"),
        ("compound", "id, name, manager, position"),
        ("grid_cell", "id, name, households, position"), ("camera", "id, name, building_id, position"), ("organisation", "id, name, building_id, position"),
        ("dwelling", "id, building_id, room, area_m2, position"),
        ("resident", "id, source, building_id, name, phone, position"),
        ("resident_count", "building_id, source, basis, residents, \(us("latest"))"),
        ("resident_count_published", "building_id, source, basis, residents, suppressed"),
        ("benefit_count", "building_id, source, benefit, people, suppressed"),
        ("junction", "id, network, elevation_m, base_demand_lps, \(localPoint), \(places("location")), placement, position"),
        ("tank", "id, network, elevation_m, diameter_m, min_volume_m3, \(localPoint), \(places("location")), placement, position"),
        ("reservoir", "id, network, head_m, \(localPoint), \(places("location")), placement, position"),
        ("network_node", "id, kind, network, elevation_m"),
        ("pipe", "id, network, starts_at, ends_at, round(length_m * 1e6)::bigint, diameter_mm, roughness, \(localPath), \(ends), placement, position"),
        ("valve", "id, network, starts_at, ends_at, valve_type, diameter_mm, setting, setting_unit, \(localPath), \(ends), placement, position"),
        ("pump", "id, network, starts_at, ends_at, parameters, power_kw, \(localPath), \(ends), placement, position"),
        ("network_link", "id, kind, starts_at, ends_at, round(length_m * 1e6)::bigint, diameter_mm"),
        ("building_pipe", "building_id, pipe_id, method"),
        ("sensor", "id, observed_property, unit, feature_of_interest, building_id, link_method, position"),
        ("observation", """
            sensor_id, to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), value, unit, observed_property, quality, position
            """),
        ("case", """
            id, channel, category, status, is_open, \(us("received_at")), \(us("closed_at")), building_id, link_method, \(us("status_at")), urgency,
            anomalies, position
            """),
        ("case_step", "case_id, step, \(us("occurred_at")), \(us("counts_from")), handler, merged_into, position"),
        ("case_stage", "case_id, number, stage, \(us("entered_at")), \(us("left_at")), round(hours * 3600)::bigint, is_dated, position"),
        ("case_anomaly", "case_id, anomaly, step, state_before, \(us("occurred_at")), position"),
        ("incident_report", "incident_id, case_id, is_first, round(probability * 1e6)::bigint, linked_by, linked_to"),
        ("incident_pair", """
            first_case, second_case, band, round(probability * 1e6)::bigint, is_same,
            (SELECT string_agg(coalesce(evidence -> a ->> 'level', '0'), ' ' ORDER BY n) FROM unnest(ARRAY['place', 'trouble', 'words', 'time']) WITH ORDINALITY x (a, n)),
            decision
            """),
        ("alert", """
            id, rule, severity, notify, \(us("raised_at")), \(us("cleared_at")), is_open, reason, sensor_id, building_id, value, case_id, note, position
            """),
        ("sensor_silence", """
            sensor_id, to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), usual_s, \(us("silenced_at")), building_id, rule, position
            """),
        ("alias", "id, name, stands_for, \(us("valid_from")), \(us("valid_to")), position"),
        ("freshness", "kind, source, \(us("last_occurred_at")), \(us("last_recorded_at")), last_position, facts"),
    ]

    static var views: [String] { columns.map(\.view) }

    static func read(_ schema: String, on connection: Connection) throws -> [String] {
        try columns.flatMap { view, _ in try read(view, from: "\(schema).\"\(view)\"", on: connection) }
    }

    /// The rows of one view, from whatever has its columns.
    static func read(_ view: String, from relation: String, where condition: String = "true", on connection: Connection) throws -> [String] {
        guard let columns = columns.first(where: { $0.view == view })?.columns else { return [] }
        let rows = try connection.query("SELECT \(columns) FROM \(relation) WHERE \(conditions[view] ?? "true") AND \(condition)")
        return (0..<rows.count).map { row in
            ([view] + (0..<rows.columnCount).map { rows.text(row, $0) ?? "∅" }).joined(separator: "|")
        }
    }
}
