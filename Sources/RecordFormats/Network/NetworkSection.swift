/// The sections of a network file that are read.
enum NetworkSection {
    private static let sections = [
        ("junc", "junction"), ("rese", "reservoir"), ("tank", "tank"), ("pipe", "pipe"), ("pump", "pump"), ("valv", "valve"),
        ("coor", "coordinates"), ("vert", "vertices"), ("stat", "status"), ("tags", "tags"), ("opti", "options"), ("end", "end"),
    ]

    /// The section that a bracketed line opens; like EPANET, by its first four letters. Empty where it is not read.
    static func name(of line: [UInt8]) -> String {
        let letters = line.drop { $0 != UInt8(ascii: "[") }.dropFirst().prefix(4)
        let start = String(decoding: letters, as: UTF8.self).lowercased()
        return sections.first { start.hasPrefix($0.0) }?.1 ?? ""
    }

    /// Whether anything in the section matters.
    static func isRead(_ section: String) -> Bool { !section.isEmpty }

    /// Whether the section holds components.
    static func holdsComponents(_ section: String) -> Bool { fields[section] != nil }

    /// What a field of a component must be.
    enum FieldKind: Sendable { case id, number, positive, text, status, valveType }

    /// A component's fields after its id; the first `required` of them must be there.
    struct Fields: Sendable {
        let required: Int
        let names: [(String, FieldKind)]
        let isNode: Bool
    }

    /// The fields of each section, in EPANET's order.
    static let fields: [String: Fields] = [
        "junction": Fields(required: 1, names: [("elevation", .number), ("demand", .number), ("pattern", .id)], isNode: true),
        "reservoir": Fields(required: 1, names: [("head", .number), ("pattern", .id)], isNode: true),
        "tank": Fields(
            required: 5,
            names: [
                ("elevation", .number), ("init_level", .number), ("min_level", .number), ("max_level", .number), ("diameter", .number),
                ("min_volume", .number), ("volume_curve", .id), ("overflow", .text),
            ], isNode: true),
        "pipe": Fields(
            required: 5,
            names: [
                ("node1", .id), ("node2", .id), ("length", .positive), ("diameter", .positive), ("roughness", .number),
                ("minor_loss", .number), ("status", .status),
            ], isNode: false),
        "pump": Fields(required: 3, names: [("node1", .id), ("node2", .id), ("parameters", .text)], isNode: false),
        "valve": Fields(
            required: 5,
            names: [
                ("node1", .id), ("node2", .id), ("diameter", .positive), ("type", .valveType), ("setting", .text), ("minor_loss", .number),
            ], isNode: false),
    ]

    /// The record shape of each section.
    static let shapes: [String: RecordShape] = Dictionary(
        uniqueKeysWithValues: fields.map { section, fields in
            var names = ["section", "id"] + fields.names.map(\.0)
            if section == "pump" || section == "valve" { names.append("status") }
            names += fields.isNode ? ["x", "y"] : ["path"]
            return (section, RecordShape(names: names + ["tag", "comment", "extra", "flow_units", "headloss"]))
        })
}
