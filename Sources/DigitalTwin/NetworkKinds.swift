import PostgresClient
import Projections

extension ClaimKind {
    /// Nodes and links of water networks: told in the network's units and coordinates, kept in SI, and on the map only
    /// where the payload declares a placement.
    static let network: [ClaimKind] = [
        node("junction", [.measure("elevation", as: "elevation_m", \.length_m), .measure("demand", as: "base_demand_lps", \.flow_lps), .text("pattern")]),
        node(
            "tank",
            [
                .measure("elevation", as: "elevation_m", \.length_m), .measure("init_level", as: "init_level_m", \.length_m),
                .measure("min_level", as: "min_level_m", \.length_m), .measure("max_level", as: "max_level_m", \.length_m),
                .measure("diameter", as: "diameter_m", \.length_m), .measure("min_volume", as: "min_volume_m3", \.volume_m3),
            ]),
        node("reservoir", [.measure("head", as: "head_m", \.length_m), .text("pattern")]),
        link(
            "pipe",
            [
                .measure("length", as: "length_m", \.length_m), .measure("diameter", as: "diameter_mm", \.diameter_mm), .number("roughness"),
                .number("minor_loss"), .text("material"),
            ]),
        link("valve", [.text("type", as: "valve_type"), .measure("diameter", as: "diameter_mm", \.diameter_mm), .setting, .settingUnit, .number("minor_loss")]),
        link("pump", [.text("parameters"), .power]),
    ]

    private static func node(_ name: String, _ own: [Column]) -> ClaimKind {
        ClaimKind(name, ended: ["\(name).retired"], columns: [.text("network")] + own + [.placement, .localLocation, .placedLocation])
    }

    private static func link(_ name: String, _ own: [Column]) -> ClaimKind {
        ClaimKind(
            name, ended: ["\(name).retired"],
            columns: [.text("network"), .reference("starts_at", as: "starts_at"), .reference("ends_at", as: "ends_at")] + own
                + [.text("status"), .placement, .localPath, .placedPath])
    }
}

extension Column {
    /// What the placement is worth, in its manifest's words.
    fileprivate static let placement = Column(name: "placement") { payload, row in
        row.optional(Placement(payload["placement"]) == nil ? nil : payload["placement"]?["note"]?.text ?? Array("placed by the manifest".utf8))
    }

    fileprivate static let localLocation = Column(name: "local_location") { payload, row in
        row.optional(payload.localPosition.map { Geometry.point($0, srid: Geometry.local) })
    }

    fileprivate static let placedLocation = Column(name: "location") { payload, row in
        guard let position = payload.localPosition, let placed = Placement(payload["placement"])?.place(position), placed.isOnEarth else {
            return row.null()
        }
        row.data(Geometry.point(placed, srid: Geometry.wgs84))
    }

    fileprivate static let localPath = Column(name: "local_path") { payload, row in
        row.optional(Geometry.line(payload.localPath, srid: Geometry.local))
    }

    fileprivate static let placedPath = Column(name: "path") { payload, row in
        guard let placement = Placement(payload["placement"]) else { return row.null() }
        let placed = payload.localPath.map(placement.place)
        row.optional(placed.allSatisfy(\.isOnEarth) ? Geometry.line(placed, srid: Geometry.wgs84) : nil)
    }

    /// What a valve is set to, in the unit that its type brings: pressure valves in metres of head, flow valves in litres a
    /// second, throttle valves a loss coefficient. A curve's name (general purpose valves) is no number.
    fileprivate static let setting = Column(name: "setting") { payload, row in
        row.optional(payload["setting"]?.double.flatMap { value in payload.valveUnit.map { value * $0.factor } })
    }

    fileprivate static let settingUnit = Column(name: "setting_unit") { payload, row in
        row.optional(payload["setting"]?.double == nil ? nil : payload.valveUnit.map { Array($0.unit.utf8) })
    }

    /// Of a pump of constant power: `POWER` in its parameters.
    fileprivate static let power = Column(name: "power_kw") { payload, row in
        let words = payload["parameters"]?.text.map { String(decoding: $0, as: UTF8.self).uppercased().split(whereSeparator: \.isWhitespace) } ?? []
        guard let at = words.firstIndex(of: "POWER"), at + 1 < words.count, let power = Double(words[at + 1]) else { return row.null() }
        row.optional(power * NetworkUnits(of: payload.json).power_kW)
    }
}

extension Payload {
    fileprivate var localPosition: Geometry.Position? {
        guard let x = self["x"]?.double, let y = self["y"]?.double else { return nil }
        return Geometry.Position(x: x, y: y)
    }

    /// Empty where a position is broken: half a path would be a wrong one.
    fileprivate var localPath: [Geometry.Position] {
        var path: [Geometry.Position] = []
        var isWhole = true
        self["path"]?.elements { if let position = Geometry.position($0) { path.append(position) } else { isWhole = false } }
        return isWhole ? path : []
    }

    fileprivate var valveUnit: (factor: Double, unit: String)? {
        let units = NetworkUnits(of: json)
        switch self["type"]?.text.map({ String(decoding: $0, as: UTF8.self).uppercased() }) {
        case "PRV", "PSV", "PBV": return (units.pressure_m, "m")
        case "FCV": return (units.flow_lps, "l/s")
        case "TCV": return (1, "1")
        default: return nil
        }
    }
}
