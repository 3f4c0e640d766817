import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub show building/…`: one building with all that the twin knows of it.
struct ShowCommand: Command {
    static let name = "show"
    static let abstract = "Show one building: its pipes, sensors, homes, cases, and what each department says of it."
    static let thing = Positional("THING", "building/<id>, as in twin.building; its name does as well, where only one building has it.")
    static let json = Flag("json", "For machines: what twin.building_card returns.")
    static let arguments: [any Argument] = [thing, json]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let word = try input.required(thing)
        let hub = try context.openHub()
        let connection = try Connection(hub.conninfo)
        try Migrations.check(on: connection)
        let id = try buildingID(word.hasPrefix("building/") ? String(word.dropFirst(9)) : word, on: connection)
        guard let text = try connection.query("SELECT twin.building_card($1)", [.text(id)]).text(0, 0) else {
            throw CommandError(.failure, "The building \(id) has gone. Look for others with: twinhub psql -c 'SELECT id, name FROM twin.building'")
        }
        context.out.write(input[json] ? text + "\n" : try BuildingCard(json: text).text)
        return withExtendedLifetime(hub) { .success }
    }

    private static func buildingID(_ word: String, on connection: Connection) throws -> String {
        guard try connection.query("SELECT to_regclass('twin.building') IS NOT NULL").bool(0, 0) else {
            throw CommandError(.configuration, "There is no twin yet. Run `twinhub project`.")
        }
        let rows = try connection.query("SELECT id FROM twin.building WHERE id = $1 OR name = $1 ORDER BY id <> $1, id LIMIT 3", [.text(word)])
        guard let first = rows.text(0, 0) else {
            throw CommandError(.failure, "There is no building \(word). Look for one with: twinhub psql -c 'SELECT id, name FROM twin.building'")
        }
        if first != word, let second = rows.text(1, 0) {
            throw CommandError(.failure, "Several buildings are named \(word). Give an id, such as building/\(first) or building/\(second).")
        }
        return first
    }
}

/// What `twin.building_card` returns.
struct BuildingCard: Decodable {
    struct Claim: Decodable {
        let source: String
        let department: String
        let name: String?
        let address: String?
        let heightM: Double?
        let floors: Int?
        let method: String
    }

    struct Residents: Decodable {
        let source: String
        let department: String
        let basis: String
        let residents: Int
    }

    struct Pipe: Decodable {
        let id: String
        let method: String
        let lengthM: Double?
        let diameterMm: Double?
        let placement: String?
    }

    struct Sensor: Decodable {
        let id: String
        let observedProperty: String?
    }

    /// The last reading of one property of a sensor.
    struct DataPoint: Decodable {
        let sensor: String
        let observedProperty: String
        let unit: String?
        let observedAt: String
        let value: Double?
    }

    struct Home: Decodable {
        let source: String
        let entrance: String?
        let room: String?
        let areaM2: Double?
        let tenure: String?
    }

    struct Conflict: Decodable {
        let attribute: String
        let status: String
        let words: [String: String]
        let resolvedBy: String?
    }

    struct Source: Decodable {
        let source: String
        let department: String
        let says: [String]
    }

    struct Case: Decodable {
        let id: String
        let channel: String?
        let category: String?
        let status: String
        let receivedAt: String?
    }

    let id: String
    let name: String?
    let address: String?
    let heightM: Double?
    let floors: Int?
    let compound: String?
    let longitude: Double?
    let latitude: Double?
    let areaM2: Double?
    let claims: [Claim]
    let residents: [Residents]
    let pipes: [Pipe]
    let sensors: [Sensor]
    let dataPoints: [DataPoint]
    let homes: [Home]
    let conflicts: [Conflict]
    let openCases: Int
    let cases: [Case]
    let sources: [Source]

    init(json: String) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(BuildingCard.self, from: Data(json.utf8))
    }

    /// For people: at most ten lines of each kind.
    var text: String {
        var head = "building/\(id)"
        if let name { head += "  \(name)" }
        var facts: [String] = []
        if let address { facts.append(address) }
        if let compound { facts.append(compound) }
        if let heightM { facts.append("\(number(heightM)) m high") }
        if let floors { facts.append("\(floors) floors") }
        if let areaM2 { facts.append("\(number(areaM2)) m² of ground") }
        if let longitude, let latitude { facts.append("\(longitude), \(latitude)") }
        var sections = [head + "\n  " + facts.joined(separator: " · ") + "\n"]
        sections.append(claimsText)
        sections.append(conflictsText)
        sections.append(residentsText)
        sections.append(list("Pipes under or beside it", pipes, placement) { pipe in
            [pipe.id, pipe.method, pipe.diameterMm.map { "\(number($0)) mm" } ?? "", pipe.lengthM.map { "\(number($0)) m" } ?? ""]
        })
        sections.append(list("Sensors", readings) { $0 })
        sections.append(list("Homes", homes) { home in
            [[home.entrance, home.room].compactMap { $0 }.joined(separator: " "), home.areaM2.map { "\(number($0)) m²" } ?? "", home.tenure ?? "", home.source]
        })
        sections.append(list("Cases", cases, "\(openCases) of them open") { item in
            [item.id, item.channel ?? "", item.category ?? "", item.status, minute(item.receivedAt)]
        })
        sections.append(list("Sources", sources) { [$0.source, $0.department, $0.says.joined(separator: ", ")] })
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The last reading of each property, and sensors that have none.
    private var readings: [[String]] {
        let silent = sensors.filter { sensor in !dataPoints.contains { $0.sensor == sensor.id } }
        return dataPoints.map { point in
            [point.sensor, point.observedProperty, point.value.map { "\(number($0)) \(point.unit ?? "")" } ?? "no value", minute(point.observedAt)]
        } + silent.map { [$0.id, $0.observedProperty ?? "", "no reading"] }
    }

    /// Only where there are some.
    private var conflictsText: String {
        guard !conflicts.isEmpty else { return "" }
        return list("Conflicts", conflicts) { conflict in
            let words = conflict.words.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return [conflict.attribute, words, conflict.status == "open" ? "open" : "decided by \(conflict.resolvedBy ?? "a steward")"]
        }
    }

    private var placement: String? { pipes.lazy.compactMap(\.placement).first }

    private var claimsText: String {
        var table = Table([.left("What each department says"), .left("name"), .left("address"), .right("height"), .right("floors"), .left("linked by")])
        for claim in claims.prefix(10) {
            table.add([
                "\(claim.department) (\(claim.source))", claim.name ?? "", claim.address ?? "", claim.heightM.map(number) ?? "",
                claim.floors.map(String.init) ?? "", claim.method == "self" ? "its footprint" : claim.method,
            ])
        }
        return claims.isEmpty ? "" : table.rendered
    }

    private var residentsText: String {
        var table = Table([.left("How many people each department counts"), .left("as"), .right("people")])
        for count in residents { table.add(["\(count.department) (\(count.source))", count.basis, "\(count.residents)"]) }
        return residents.isEmpty ? "" : table.rendered
    }

    private func list<T>(_ title: String, _ items: [T], _ note: String? = nil, _ row: (T) -> [String]) -> String {
        guard !items.isEmpty else { return "\(title): none\n" }
        let rows = items.prefix(10).map(row)
        var table = Table([.left("\(title) (\(items.count))")] + (1..<(rows.first?.count ?? 1)).map { _ in .left("") })
        rows.forEach { table.add($0) }
        let more = items.count > 10 ? "… and \(items.count - 10) more\n" : ""
        return table.rendered + more + (note.map { "Note: \($0)\n" } ?? "")
    }

    private func minute(_ time: String?) -> String {
        time.map { String($0.prefix(16)).replacingOccurrences(of: "T", with: " ") } ?? ""
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() ? String(format: "%.0f", value) : String(format: "%.1f", value)
    }
}
