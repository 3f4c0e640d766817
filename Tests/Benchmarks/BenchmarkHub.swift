import EventLog
import Foundation
import Operations
import PostgresClient

/// A hub on a server of its own, durable as in production, gone afterwards.
final class BenchmarkHub {
    private let scratch: ScratchServer
    var server: EmbeddedServer { scratch.server }
    let conninfo: String
    let owner: Connection

    init() throws {
        scratch = try ScratchServer(isDurable: true)
        conninfo = scratch.server.conninfo()
        owner = try Connection(conninfo)
        try Migrations.apply(on: owner)
        // Analyst's and planner's habits must not differ between rounds.
        try owner.execute("ALTER SYSTEM SET autovacuum = off")
        try owner.execute("SELECT pg_reload_conf()")
    }

    /// Registers a source and logs in as its role.
    func writer(_ name: String, department: String = "benchmark") throws -> BatchWriter {
        let source = try Sources.register(.init(name: name, uri: "urn:benchmark:\(name)", department: department), on: owner)
        let writer = try BatchWriter(Connection(server.conninfo(user: source.role)))
        try writer.acquireLease(holder: "benchmark", seconds: 3600)
        return writer
    }

    /// Every writer appends all facts, all at once; returns the seconds.
    func append(_ events: [NewEvent], by size: Int, _ writers: [BatchWriter]) throws -> Double {
        try owner.execute("CHECKPOINT")
        return try timed {
            try inParallel(writers) { writer in
                for start in stride(from: 0, to: events.count, by: size) {
                    var batch = Batch(adapterVersion: "1", input: "memory")
                    batch.events = Array(events[start..<min(start + size, events.count)])
                    _ = try writer.commit(batch)
                }
            }
        }
    }

    /// A table equal to the log, but unpartitioned and without triggers: what `COPY` itself costs.
    func makeYardstick() throws {
        try owner.execute(
            """
            DROP TABLE IF EXISTS public.yardstick;
            CREATE TABLE public.yardstick (LIKE hub.event INCLUDING DEFAULTS);
            ALTER TABLE public.yardstick ALTER COLUMN source_id SET DEFAULT length(session_user::text), ADD PRIMARY KEY (position);
            CHECKPOINT
            """)
    }

    /// What the figures were measured on.
    func environment() throws -> [String: String] {
        let settings = try owner.query("SELECT name, setting FROM pg_settings WHERE name IN ('server_version', 'fsync', 'synchronous_commit', 'shared_buffers', 'max_wal_size') ORDER BY name")
        var environment = ["cores": "\(ProcessInfo.processInfo.activeProcessorCount)"]
        for row in 0..<settings.count { environment[settings.text(row, 0) ?? ""] = settings.text(row, 1) }
        return environment
    }
}
