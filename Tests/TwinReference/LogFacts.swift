import Foundation
import PostgresClient

/// A log's facts as the reference fold takes them, and what it makes of them; read by plain SQL, not by the product's reader.
struct LogFacts {
    private(set) var facts: [PlainFact] = []
    /// Names of the sources by their numbers.
    private(set) var names: [Int32: String] = [:]
    /// Departments of the sources by their numbers.
    private(set) var departments: [Int32: String] = [:]

    /// - Parameters:
    ///   - connection: with SELECT on the log.
    ///   - upTo: the last position that counts.
    init(on connection: Connection, upTo end: Int64 = .max) throws {
        let sources = try connection.query("SELECT id, name, department FROM hub.source")
        for row in 0..<sources.count {
            names[Int32(sources.int(row, 0) ?? 0)] = sources.text(row, 1)
            departments[Int32(sources.int(row, 0) ?? 0)] = sources.text(row, 2)
        }
        let rows = try connection.query(
            """
            SELECT e.position, e.source_id, t.name, e.subject, (extract(epoch FROM e.occurred_at) * 1000000)::bigint,
                   (extract(epoch FROM e.recorded_at) * 1000000)::bigint, e.payload
              FROM hub.event e JOIN hub.event_type t ON t.id = e.type_id WHERE e.position <= $1 ORDER BY e.position
            """, [.int(end)])
        facts.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            let payload = try JSONSerialization.jsonObject(with: Data((rows.text(row, 6) ?? "{}").utf8))
            guard case .object(let members) = Plain(json: payload) else { continue }
            facts.append(
                PlainFact(
                    position: rows.int(row, 0) ?? 0, source: Int32(rows.int(row, 1) ?? 0), type: rows.text(row, 2) ?? "",
                    subject: rows.text(row, 3) ?? "", occurred: rows.int(row, 4), recorded: rows.int(row, 5) ?? 0, payload: members))
        }
    }

    /// The rows of the twin's views.
    func twinRows() -> [String] { ReferenceFold(facts: facts, names: names, departments: departments).rows().sorted() }
}

extension Plain {
    /// What Foundation read.
    init(json: Any) {
        switch json {
        case let text as String: self = .text(text)
        case let number as NSNumber: self = .number(number.doubleValue)
        case let values as [Any]: self = .array(values.map(Plain.init(json:)))
        case let members as [String: Any]: self = .object(members.mapValues(Plain.init(json:)))
        default: self = .null
        }
    }
}
