import PostgresClient
import Projections

/// One column of a claim's table: where its value is in the payload, and how it becomes SI and WGS 84.
struct Column: Sendable {
    let name: String
    /// Whether it may hold sealed values.
    var isSealed = false
    /// Writes exactly one cell.
    let write: @Sendable (Payload, inout BinaryCopyWriter) -> Void

    static func text(_ member: StaticString, as name: String? = nil) -> Column {
        Column(name: name ?? "\(member)") { payload, row in row.text(payload[member]) }
    }

    /// A text, sealed by the adapter or not; null where nobody can open it any more.
    static func sealed(_ member: StaticString) -> Column {
        Column(name: "\(member)", isSealed: true) { payload, row in
            if payload[member]?.withText({ if payload.isErased($0) { row.null() } else { row.data($0) } }) == nil { row.null() }
        }
    }

    static func number(_ member: StaticString, as name: String? = nil) -> Column {
        Column(name: name ?? "\(member)") { payload, row in row.optional(payload[member]?.double) }
    }

    static func moment(_ member: StaticString) -> Column {
        Column(name: "\(member)") { payload, row in if let at = payload[member]?.moment { row.timestamp(at) } else { row.null() } }
    }

    static func integer(_ member: StaticString) -> Column {
        Column(name: "\(member)") { payload, row in row.optional(payload[member]?.integer) }
    }

    /// A number in the network's units.
    static func measure(_ member: StaticString, as name: String, _ factor: KeyPath<NetworkUnits, Double> & Sendable) -> Column {
        Column(name: name) { payload, row in
            row.optional(payload[member]?.double.map { $0 * NetworkUnits(of: payload.json)[keyPath: factor] })
        }
    }

    static func json(_ member: StaticString) -> Column {
        Column(name: "\(member)") { payload, row in if let value = payload[member] { row.data(value.bytes) } else { row.null() } }
    }

    /// The id of another thing: `<source>:<key>`.
    static func reference(_ member: StaticString, as name: String) -> Column {
        Column(name: name) { payload, row in payload.write(reference: member, into: &row) }
    }

    static let location = Column(name: "location") { payload, row in row.optional(payload["location"].flatMap { Geometry.point($0, payload.places) }) }
    static let footprint = Column(name: "footprint") { payload, row in row.optional(payload["footprint"].flatMap { Geometry.polygons($0, payload.places) }) }
}

/// A kind of claim: the facts that tell it and the table that holds what each source says now.
struct ClaimKind: Sendable {
    /// Such as `building`; its table is `<name>_claim`.
    let name: String
    /// Facts that say what the thing is.
    let described: [String]
    /// Facts that end it; `<name>.removed` always does.
    let ended: [String]
    let columns: [Column]
    /// What follows the subject's key in the claim's key, for kinds of which one subject has several.
    var keySuffix: (@Sendable (String, JSONView) -> String)?
    /// Whether its things are people: their erasure ends them.
    let isPersonal: Bool

    init(
        _ name: String, described: [String]? = nil, ended: [String] = [], isPersonal: Bool = false,
        keySuffix: (@Sendable (String, JSONView) -> String)? = nil, columns: [Column]
    ) {
        self.name = name
        self.described = described ?? ["\(name).described"]
        self.ended = ["\(name).removed"] + ended
        self.columns = columns
        self.isPersonal = isPersonal
        self.keySuffix = keySuffix
    }

    var table: String { name + "_claim" }
    var stage: String { "stage_" + name }
    /// Where rows arrive whose footprints are still in pieces.
    var raw: String { "raw_" + name }
    /// Whether the pieces of a footprint are united by the server.
    var isUnited: Bool { columns.contains { $0.name == "footprint" } }
    /// Columns that decide which building it belongs to; of cases also those that decide which incident, of decisions about incidents the pair.
    var linkColumns: [String] {
        let deciding = ["building_ref", "location", "footprint", "path"].filter { name in columns.contains { $0.name == name } }
        switch name {
        case "case": return deciding + ["occurred_at", "category", "subcategory", "description", "address"]
        case "incident": return ["first_case", "second_case", "verdict"]
        default: return deciding
        }
    }

    /// Columns that decide by which names a building is known where reports name it.
    var placeNameColumns: [String] {
        switch name {
        case "building": ["name", "address", "compound_ref"]
        case "compound": ["name", "aliases::text"]
        default: []
        }
    }

    /// What every claim's table begins with.
    static let commonColumns = ["id", "source_id", "occurred_at", "effective_at", "position", "undated_position", "removed"]
    var columnNames: [String] { Self.commonColumns + columns.map(\.name) }
}
