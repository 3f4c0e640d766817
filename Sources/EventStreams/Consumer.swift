import EventLog
import PostgresClient

/// A named reader of a stream whose progress the hub keeps: `hub.subscribe`, `hub.poll`, `hub.ack`, `hub.seek`.
///
/// Several processes may share the work under names of their own (`member`): each is given facts of its own subjects, in order.
package struct Consumer {
    /// What is wanted of a stream; nil is no limit.
    package struct Filter: Sendable, Hashable {
        /// Names of types; `*` stands for any text: `case.*`.
        package var types: [String]?
        /// Beginnings of subjects, such as `building/`.
        package var subjects: [String]?
        /// Names of sources.
        package var sources: [String]?
        package var departments: [String]?

        package init(types: [String]? = nil, subjects: [String]? = nil, sources: [String]? = nil, departments: [String]? = nil) {
            (self.types, self.subjects, self.sources, self.departments) = (types, subjects, sources, departments)
        }

        /// The form that `hub.subscribe` takes.
        package var json: String {
            var members: [String] = []
            for (name, list) in [("types", types), ("subjects", subjects), ("sources", sources), ("departments", departments)] {
                guard let list else { continue }
                members.append("\"\(name)\":[" + list.map { JSONText.quoted($0) }.joined(separator: ",") + "]")
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    /// Which stream is read.
    package enum Stream: String, Sendable { case log, twin }

    package let name: String
    package let member: String
    private let connection: Connection
    private let lease_s: Int

    /// - Parameters:
    ///   - connection: logged in as a consumer, or the hub's owner; READ COMMITTED.
    ///   - member: this process among those that share the work.
    ///   - lease_s: after so many seconds without a sign of life others take over.
    package init(_ name: String, member: String = "main", lease_s: Int = 30, on connection: Connection) {
        (self.name, self.member, self.lease_s, self.connection) = (name, member, lease_s, connection)
    }

    /// Makes the consumer, or changes its filter. Safe to repeat.
    /// - Returns: the position after which it reads on.
    @discardableResult
    package func subscribe(_ filter: Filter = Filter(), to stream: Stream = .log, after: Int64 = 0) throws -> Int64 {
        try StreamError.typed {
            try connection.query(
                "SELECT hub.subscribe($1, $2::jsonb, $3::bigint, $4)", [.text(name), .text(filter.json), .int(after), .text(stream.rawValue)]
            ).int(0, 0) ?? 0
        }
    }

    /// Hands over the next facts after the last acknowledged one, as events, in order.
    /// - Returns: the position of the last one; nil where there is none now.
    package func poll(limit: Int = 1000, _ body: (StreamedFact) throws -> Void) throws -> Int64? {
        var last: Int64?
        try StreamError.typed {
            try connection.copyOut(
                """
                COPY (SELECT \(StreamedFact.columns)
                        FROM hub.poll(\(SQL.literal(name)), \(limit), \(SQL.literal(member)), interval '\(lease_s) s')) TO STDOUT (FORMAT binary)
                """
            ) { message in
                guard let fact = StreamedFact(message) else { return }
                last = fact.position
                try body(fact)
            }
        }
        return last
    }

    /// Everything up to a position that `poll` gave is done.
    package func acknowledge(_ position: Int64) throws {
        try StreamError.typed {
            _ = try connection.query(
                "SELECT hub.ack($1, $2::bigint, $3, interval '\(lease_s) s')", [.text(name), .int(position), .text(member)])
        }
    }

    /// Reads on after a position, a fact's public id, or a moment.
    /// - Returns: the position.
    @discardableResult
    package func seek(_ target: String) throws -> Int64 {
        try StreamError.typed { try connection.query("SELECT hub.seek($1, $2::text)", [.text(name), .text(target)]).int(0, 0) ?? 0 }
    }

    /// Forgets the consumer and its progress.
    /// - Returns: false where there was none.
    @discardableResult
    package func unsubscribe() throws -> Bool {
        try StreamError.typed { try connection.query("SELECT hub.unsubscribe($1)", [.text(name)]).bool(0, 0) }
    }
}

/// A fact as a stream hands it over. The bytes are borrowed: copy what is to be kept.
package struct StreamedFact {
    package let position: Int64
    /// Epoch and position: the same in every copy of this log.
    package let id: UnsafeRawBufferPointer
    package let type: UnsafeRawBufferPointer
    package let version: Int32
    /// Name of the source.
    package let source: UnsafeRawBufferPointer
    package let sourceURI: UnsafeRawBufferPointer
    package let subject: UnsafeRawBufferPointer
    package let occurredAt: Timestamp?
    package let recordedAt: Timestamp
    package let causedBy: Int64?
    /// JSON, byte for byte as it was appended.
    package let payload: UnsafeRawBufferPointer

    /// The columns of `hub.poll` and `hub.stream_fact` that make one.
    static let columns = "position, id, type, version, source, source_uri, subject, occurred_at, recorded_at, caused_by, payload"

    /// From a row of a binary COPY of `columns`; nil for its trailer.
    init?(_ message: UnsafeRawBufferPointer) {
        var row = BinaryRow(message)
        guard row.columns == 11, let position = row.int8(), let id = row.cell(), let type = row.cell(), let version = row.int4(),
            let source = row.cell(), let uri = row.cell(), let subject = row.cell()
        else { return nil }
        let occurred = row.timestamp()
        guard let recorded = row.timestamp() else { return nil }
        let cause = row.int8()
        guard let payload = row.cell() else { return nil }
        (self.position, self.id, self.type, self.version, self.source) = (position, id, type, version, source)
        (sourceURI, self.subject, occurredAt, recordedAt, causedBy, self.payload) = (uri, subject, occurred, recorded, cause, payload)
    }
}
