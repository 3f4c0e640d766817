import EventLog
import Foundation
import PostgresClient
import RecordFormats

/// Opens what is sealed of one person.
package struct SubjectValues {
    /// One opened value.
    package struct Entry: Sendable, Hashable {
        package let position: Int64
        package let source: String
        package let event: String
        /// The event's subject.
        package let subject: String
        package let member: String
        /// As the source gave it; nil where it cannot be opened: it was changed, or moved.
        package let value: String?
    }

    private let keys: Keys

    package init(_ keys: Keys) { self.keys = keys }

    /// All sealed values of a person, in the order of the log.
    ///
    /// The reason is committed before anything is opened.
    /// - Parameters:
    ///   - subject: the person's pseudonym.
    ///   - reason: why, for everybody to read who asks `twinhub subject who`.
    ///   - everywhere: also in facts about something else, such as a home's owner: reads the whole log.
    ///   - steward: a connection of the steward's own login, in no transaction.
    package func open(_ subject: String, reason: String, everywhere: Bool, steward: Connection) throws -> [Entry] {
        let access = try steward.query("SELECT hub.request_access('show', $1, $2)", [.text(subject), .text(reason)]).int(0, 0) ?? 0
        let rows = try steward.query("SELECT id, source, wrapped FROM hub.keys_of_access($1)", [.int(access)])
        var known: [String: SubjectKey] = [:]
        for row in 0..<rows.count {
            let id = rows.text(row, 0) ?? ""
            known[id] = try SubjectKey(unwrapping: rows.bytes(row, 2) ?? [], id: id, subject: subject, source: rows.text(row, 1) ?? "", under: keys.sealing)
        }
        guard !known.isEmpty else { return [] }
        let elsewhere = everywhere ? " OR e.payload::text ~ $2" : " AND $2 <> ''"
        let facts = try steward.query(
            """
            SELECT e.position, s.name, t.name, e.subject, e.payload FROM hub.event e JOIN hub.source s ON s.id = e.source_id
              JOIN hub.event_type t ON t.id = e.type_id WHERE e.subject = $1\(elsewhere) ORDER BY e.position
            """, [.text("person/\(subject)"), .text("sealed:(\(known.keys.sorted().joined(separator: "|"))):")])
        var entries: [Entry] = []
        for row in 0..<facts.count {
            guard let text = facts.text(row, 4), let payload = try? JSONParser.parse(text) else { continue }
            let place = SealedValue.Place(source: facts.text(row, 1) ?? "", event: facts.text(row, 2) ?? "", subject: facts.text(row, 3) ?? "", member: "")
            Self.forEachText(payload, "") { member, text in
                guard let sealed = SealedValue(text), let key = known[sealed.key] else { return }
                var place = place
                place.member = member
                entries.append(
                    Entry(
                        position: facts.int(row, 0) ?? 0, source: place.source, event: place.event, subject: place.subject, member: member,
                        value: try? sealed.open(in: place, under: key)))
            }
        }
        return entries
    }

    private static func forEachText(_ value: Value, _ path: String, _ body: (String, String) -> Void) {
        switch value {
        case .text(let text): body(path, text)
        case .object(let members): for member in members { forEachText(member.value, path.isEmpty ? member.name : "\(path).\(member.name)", body) }
        case .array(let elements): for element in elements { forEachText(element, path, body) }
        case .null, .bool, .number: break
        }
    }
}
