import EventLog
import PostgresClient

/// Reads the log as CloudEvents, from any place, without a name: nobody keeps where it is.
package final class LogStream: EventReader {
    private let connection: Connection
    private let reader: SettledReader
    private let filter: Consumer.Filter
    private var catalog = Catalog()
    private var epoch: [UInt8] = []
    /// The types and sources that the filter wants, by their numbers in the log; nil is no limit.
    private var wanted: (types: Set<Int32>?, sources: Set<Int32>?) = (nil, nil)
    private let prefixes: [[UInt8]]?
    private let writer = CloudEventWriter()

    /// - Parameter connection: with SELECT on the log; READ COMMITTED; used by this stream alone.
    package init(_ connection: Connection, _ filter: Consumer.Filter = .init()) {
        self.connection = connection
        self.filter = filter
        reader = SettledReader(connection)
        prefixes = filter.subjects?.map { Array($0.utf8) }
    }

    package func position(of text: String) throws -> Int64 { try Consumer.Stream.log.position(of: text, on: connection) }

    /// - Throws: `StreamError(.logRewound)` where the log ends before the position.
    package func read(after: Int64, upTo end: Int64? = nil, limit: Int = 50_000, _ body: (UnsafeRawBufferPointer, Int64) throws -> Void) throws -> Int64 {
        try refreshCatalog()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(80 << 10)
        var last = after
        let outcome = try reader.read(after: after, upTo: end, limit: limit, types: wanted.types) { event in
            last = event.position
            guard isWanted(event) else { return }
            append(event, to: &bytes)
            if bytes.count >= 64 << 10 {
                try bytes.withUnsafeBytes { try body($0, last) }
                bytes.removeAll(keepingCapacity: true)
            }
        }
        if !bytes.isEmpty { try bytes.withUnsafeBytes { try body($0, last) } }
        if outcome.position == after, try reader.horizon() < after { try refuseRewound(after) }
        return outcome.position
    }

    private func refuseRewound(_ position: Int64) throws {
        guard try connection.query("SELECT NOT EXISTS (SELECT FROM hub.event WHERE position >= $1::bigint)", [.int(position)]).bool(0, 0) else { return }
        let end = try reader.horizon()
        throw StreamError(
            .logRewound,
            "The log ends at position \(end), before position \(position): it was restored to an older state. Take back what came after \(end), and read on from there.")
    }

    private func refreshCatalog() throws {
        let rows = try connection.query("SELECT (SELECT count(*) FROM hub.source), (SELECT count(*) FROM hub.event_type), epoch FROM hub.log")
        let now = Array((rows.text(0, 2) ?? "").utf8)
        guard rows.int(0, 0) != Int64(catalog.sources.count) || rows.int(0, 1) != Int64(catalog.types.count) || now != epoch else { return }
        epoch = now
        catalog = try Catalog(on: connection)
        if filter.types != nil || filter.sources != nil || filter.departments != nil {
            let rows = try connection.query(
                "SELECT array_to_string(kinds, ','), array_to_string(origins, ',') FROM hub.resolve_filter($1::jsonb)", [.text(filter.json)])
            func numbers(_ column: Int) -> Set<Int32>? { rows.text(0, column).map { Set($0.split(separator: ",").compactMap { Int32($0) }) } }
            wanted = (numbers(0), numbers(1))
        }
    }

    private func isWanted(_ event: StoredEvent) -> Bool {
        if let sources = wanted.sources, !sources.contains(event.sourceID) { return false }
        guard let prefixes else { return true }
        return prefixes.contains { event.subject.starts(with: $0) }
    }

    private func append(_ event: StoredEvent, to bytes: inout [UInt8]) {
        let source = catalog.sources[event.sourceID]
        let type = catalog.types[event.typeID]
        let id = epoch + [UInt8(ascii: "-")] + String(event.position).utf8
        id.withUnsafeBytes { id in
            Self.withBytes(source?.uri ?? "") { uri in
                Self.withBytes(source?.name ?? "") { name in
                    Self.withBytes(type?.name ?? "") { type_ in
                        writer.append(
                            CloudEventWriter.Attributes(
                                id: id, sourceURI: uri, source: name, type: type_, version: Int32(type?.version ?? 1), subject: event.subject,
                                position: event.position, occurredAt: event.occurredAt, recordedAt: event.recordedAt, causedBy: event.causedBy),
                            payload: event.payload, to: &bytes)
                    }
                }
            }
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func withBytes(_ text: String, _ body: (UnsafeRawBufferPointer) -> Void) {
        var text = text
        text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
