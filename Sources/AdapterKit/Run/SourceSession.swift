import EventLog
import PostgresClient

/// A source's way into its log: who writes, under which lease, and how its personal values are protected.
struct SourceSession {
    let manifest: Manifest
    let connection: Connection
    let writer: BatchWriter
    let people: SubjectKeyring
    let protection: Protection

    /// - Parameters:
    ///   - connection: under the source's own role; used by this session alone.
    ///   - keys: of the hub.
    init(_ manifest: Manifest, connection: Connection, keys: Keys) throws {
        self.manifest = manifest
        self.connection = connection
        writer = try BatchWriter(connection)
        people = SubjectKeyring(source: manifest.name, keys: keys)
        protection = Protection(keys, people: people)
    }

    /// Runs `body` under the source's lease.
    /// - Parameters:
    ///   - doing: what the holder is doing, where it is no run; whoever finds the lease held reads it.
    ///   - seconds: for how long the lease holds without a batch.
    ///
    /// Throws `AdapterError` where personal columns are not declared, and `LogError` (`leaseHeld`).
    func leased<T>(_ doing: String? = nil, seconds: Int, _ body: () throws -> T) throws -> T {
        try manifest.requirePersonalColumnsDeclared()
        try writer.acquireLease(holder: BatchWriter.holder(doing), seconds: seconds)
        defer { try? writer.releaseLease() }
        // Under the lease: no other run of this source makes keys meanwhile.
        if manifest.streams.contains(where: \.speaksOfPeople) { try people.load(on: connection) }
        return try body()
    }
}
