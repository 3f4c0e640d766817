import EventLog
import PostgresClient

/// A fact as a fold sees it. Subject and payload are borrowed for the call.
package struct Fact {
    package let position: Int64
    package let sourceID: Int32
    package let typeID: Int32
    /// `<kind>/<the source's own key>`, UTF-8.
    package let subject: UnsafeRawBufferPointer
    package let occurredAt: Timestamp?
    package let recordedAt: Timestamp
    /// JSON.
    package let payload: UnsafeRawBufferPointer

    package init(
        position: Int64, sourceID: Int32, typeID: Int32, subject: UnsafeRawBufferPointer, occurredAt: Timestamp?, recordedAt: Timestamp,
        payload: UnsafeRawBufferPointer
    ) {
        self.position = position
        self.sourceID = sourceID
        self.typeID = typeID
        self.subject = subject
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.payload = payload
    }

    /// When it counts: its own date, else when it was recorded. Microseconds since 1970.
    package var effective_us: Int64 { (occurredAt ?? recordedAt).microseconds }
}

/// Where facts come from: the log, or in tests a list.
package protocol FactReader {
    /// Up to here every fact can be read.
    func horizon() throws -> Int64
    /// Whether the log has ever been this long; false after it was rewound, as by a restore of an older backup.
    func hasReached(_ position: Int64) throws -> Bool
    /// Hands over the facts after `after` up to `upTo`, at most `limit`, in the order of positions.
    /// - Returns: the position to go on after, and how many there were.
    func read(after: Int64, upTo: Int64, limit: Int, _ body: (Fact) throws -> Void) throws -> (position: Int64, count: Int)
    /// What the numbers of sources and types stand for, now.
    func catalog() throws -> Catalog
}

/// The settled facts of `hub.event`.
package struct LogReader: FactReader {
    private let connection: Connection
    private let reader: SettledReader

    package init(_ connection: Connection) {
        self.connection = connection
        reader = SettledReader(connection)
    }

    /// Notes in `hub.tick`, at most once a second, which position this moment is.
    package func horizon() throws -> Int64 { try connection.query("SELECT hub.record_tick()").int(0, 0) ?? 0 }

    /// Not the horizon: that one may step back a little when a writer announces itself late.
    package func hasReached(_ position: Int64) throws -> Bool {
        try connection.query("SELECT last_value >= $1::bigint FROM hub.event_position", [.int(position)]).bool(0, 0)
    }

    package func read(after: Int64, upTo: Int64, limit: Int, _ body: (Fact) throws -> Void) throws -> (position: Int64, count: Int) {
        try reader.read(after: after, upTo: upTo, limit: limit) { event in
            try body(
                Fact(
                    position: event.position, sourceID: event.sourceID, typeID: event.typeID, subject: event.subject,
                    occurredAt: event.occurredAt, recordedAt: event.recordedAt, payload: event.payload))
        }
    }

    package func catalog() throws -> Catalog { try Catalog(on: connection) }
}
