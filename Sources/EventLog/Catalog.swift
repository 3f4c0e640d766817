import PostgresClient
import Schemas

/// A type of fact, with the version of its payload's contract.
package struct EventType: Sendable, Hashable {
    /// Such as `building.described`.
    package let name: String
    /// Counted from 1.
    package let version: Int

    package init(name: String, version: Int = 1) {
        self.name = name
        self.version = version
    }

    /// The types whose contracts this binary carries: `Schemas/events/<name>.v<version>.schema.json`.
    package static let shipped: [EventType] = Schemas.files(in: "events").compactMap { file in
        let parts = (file.path.split(separator: "/").last ?? "").split(separator: ".")
        // name parts, then v<n>, schema, json
        guard parts.count >= 4, let mark = parts.dropLast(2).last, mark.first == "v", let version = Int(mark.dropFirst()) else { return nil }
        return EventType(name: parts.dropLast(3).joined(separator: "."), version: version)
    }
}

/// A registered source.
package struct Source: Sendable, Hashable {
    package let id: Int32
    /// The adapter's name.
    package let name: String
    package let uri: String
    package let department: String
}

/// That a person's values were erased: what was told of the person before no longer counts, in any fold, of any moment.
package struct Erasure: Sendable, Hashable {
    /// The person's pseudonym; facts about the person have the subject `person/<pseudonym>`.
    package let subject: String
    /// Of `subject.erased`.
    package let position: Int64
    /// Names of the destroyed keys.
    package let keys: [String]

    package init(subject: String, position: Int64, keys: [String]) {
        (self.subject, self.position, self.keys) = (subject, position, keys)
    }
}

/// What the small numbers in `hub.event` stand for.
package struct Catalog: Sendable {
    package private(set) var sources: [Int32: Source] = [:]
    package private(set) var types: [Int32: EventType] = [:]
    /// All of the log, also those beyond the facts at hand; in the order of positions.
    package private(set) var erasures: [Erasure] = []

    package init() {}

    package init(sources: [Int32: Source], types: [Int32: EventType], erasures: [Erasure] = []) {
        self.sources = sources
        self.types = types
        self.erasures = erasures
    }

    /// Reads the tables; needs SELECT on them.
    package init(on connection: Connection) throws(PostgresError) {
        let rows = try connection.query("SELECT id, name, uri, department FROM hub.source ORDER BY id")
        for row in 0..<rows.count {
            guard let id = rows.int(row, 0) else { continue }
            sources[Int32(id)] = Source(
                id: Int32(id), name: rows.text(row, 1) ?? "", uri: rows.text(row, 2) ?? "", department: rows.text(row, 3) ?? "")
        }
        types = try Self.types(on: connection)
        let erased = try connection.query(
            "SELECT subject, position, array_to_string(keys, ',') FROM hub.erasure WHERE position IS NOT NULL ORDER BY position")
        erasures = (0..<erased.count).map {
            Erasure(
                subject: erased.text($0, 0) ?? "", position: erased.int($0, 1) ?? 0, keys: (erased.text($0, 2) ?? "").split(separator: ",").map(String.init))
        }
    }

    /// Reads the types only: an adapter may see no other source.
    package static func types(on connection: Connection) throws(PostgresError) -> [Int32: EventType] {
        let rows = try connection.query("SELECT id, name, version FROM hub.event_type")
        var types: [Int32: EventType] = [:]
        for row in 0..<rows.count {
            guard let id = rows.int(row, 0), let name = rows.text(row, 1), let version = rows.int(row, 2) else { continue }
            types[Int32(id)] = EventType(name: name, version: Int(version))
        }
        return types
    }
}
