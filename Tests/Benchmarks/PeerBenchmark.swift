import EventLog
import Foundation
import Operations
import PostgresClient
import Subprocess

/// The log beside event stores that others wrote, on the same server, in the same run. They are not part of the project: the caller
/// says where they lie.
struct PeerBenchmark {
    let hub: BenchmarkHub
    let rounds: Int
    let report: (String) -> Void

    /// Message DB (an event store in SQL): its install script is run into a database of its own.
    /// - Parameter folder: the checkout's `database` folder, with `install.sh`.
    func messageDB(_ folder: String) throws -> [Measurement] {
        let name = "message_store"
        try runProgram("/bin/bash", [folder + "/install.sh"], more: ["DATABASE_NAME": name, "PGDATABASE": "postgres"])
        let theirs = try Connection(hub.server.conninfo(database: name))
        try theirs.execute("SET search_path TO message_store, public")
        let written = try [(1, 5_000), (100, 20_000)].map { size, count in
            let events = AppendBenchmark.make(0..<count)
            let writer = try hub.writer("beside-message-db-\(size)")
            // A batch is one message to the server and one transaction: its statements cannot have parameters then.
            let statements = stride(from: 0, to: count, by: size).map { start in
                events[start..<start + size].map { event in
                    """
                    SELECT write_message(gen_random_uuid()::varchar, '\(event.subject.replacingOccurrences(of: "/", with: "-"))', '\(event.type)',
                        '\(String(decoding: event.payload, as: UTF8.self))');
                    """
                }.joined()
            }
            return try Measurement(
                "message-db", unit: "facts", count: count, rounds: rounds, note: size == 1 ? "one by one, a transaction each" : "batches of \(size)",
                ours: ("log", { try hub.append(events, by: size, [writer]) }),
                yardstick: ("Message DB", {
                    try hub.owner.execute("CHECKPOINT")
                    try theirs.execute("TRUNCATE messages")
                    return try timed { for statement in statements { try theirs.execute(statement) } }
                }), report: report)
        }
        return try written + [read(theirs)]
    }

    /// Everything in order, a thousand at a time: `hub.poll` with its acknowledgements, and `get_category_messages`, whose reader keeps its own place.
    private func read(_ theirs: Connection) throws -> Measurement {
        let other = try BenchmarkHub()
        try StreamBenchmark.fill(other)
        let payload = String(decoding: AppendBenchmark.make(0..<1)[0].payload, as: UTF8.self)
        try theirs.execute(
            """
            TRUNCATE messages RESTART IDENTITY;
            SELECT count(write_message(gen_random_uuid()::varchar, 'building-' || n, 'building.described', '\(payload)')) FROM generate_series(1, \(StreamBenchmark.facts)) n
            """)
        try theirs.execute("VACUUM ANALYZE messages")
        return try Measurement(
            "message-db-read", unit: "facts", count: StreamBenchmark.facts, rounds: rounds, note: "1,000 at a time",
            ours: ("poll", { try StreamBenchmark.readByPoll(other) }),
            yardstick: ("get_category_messages", {
                var position: Int64 = 0, count = 0
                let seconds = try timed {
                    while true {
                        let rows = try theirs.query("SELECT * FROM get_category_messages('building', $1::bigint, 1000)", [.int(position + 1)])
                        guard rows.count > 0, let column = rows.columnNames.firstIndex(of: "global_position") else { return }
                        position = rows.int(rows.count - 1, column) ?? position
                        count += rows.count
                    }
                }
                guard count == StreamBenchmark.facts else { throw BenchmarkError("get_category_messages gave \(count) messages.") }
                return seconds
            }), report: report)
    }

    /// The Python library eventsourcing (10 and 9.x have the same recorder), by its recorder for PostgreSQL.
    /// - Parameter python: an interpreter that can import `eventsourcing.postgres`.
    func eventsourcing(_ python: String) throws -> [Measurement] {
        let count = 100_000
        let events = AppendBenchmark.make(0..<count)
        let writer = try hub.writer("beside-eventsourcing")
        try hub.owner.execute("CREATE DATABASE eventsourcing")
        let written = try Measurement(
            "eventsourcing", unit: "facts", count: count, rounds: rounds, note: "batches of 5,000; the same number of bytes",
            ours: ("log", { try hub.append(events, by: 5_000, [writer]) }),
            yardstick: ("eventsourcing", {
                try hub.owner.execute("CHECKPOINT")
                return try eventsourcing(python, count, events[0].payload.count).append
            }), report: report)
        let other = try BenchmarkHub()
        try StreamBenchmark.fill(other)
        return [written, try Measurement(
            "eventsourcing-read", unit: "facts", count: StreamBenchmark.facts, rounds: rounds, note: "1,000 at a time",
            ours: ("poll", { try StreamBenchmark.readByPoll(other) }),
            yardstick: ("select_notifications", { try eventsourcing(python, StreamBenchmark.facts, events[0].payload.count).read }), report: report)]
    }

    /// Seconds that its recorder takes to write events and to read them all.
    private func eventsourcing(_ python: String, _ count: Int, _ size: Int) throws -> (append: Double, read: Double) {
        let output = try runProgram(python, ["-c", Self.script, String(count), String(size)], more: ["PGDATABASE": "eventsourcing"])
        let seconds = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard seconds.count == 2 else { throw BenchmarkError("eventsourcing printed no times.") }
        return (seconds[0], seconds[1])
    }

    private static let script = """
        from os import environ
        from sys import argv
        from time import monotonic
        from uuid import uuid4
        from eventsourcing.persistence import StoredEvent
        from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
        count, size = int(argv[1]), int(argv[2])
        store = PostgresDatastore(environ["PGDATABASE"], environ["PGHOST"], environ["PGPORT"], environ["PGUSER"], "", enable_db_functions=True)
        recorder = PostgresApplicationRecorder(store, events_table_name="events_" + uuid4().hex[:8])
        recorder.create_table()
        events = [StoredEvent(uuid4(), 1, "building.described", b"x" * size) for _ in range(count)]
        started = monotonic()
        for start in range(0, count, 5000):
            recorder.insert_events(events[start:start + 5000])
        appended, started, last, seen = monotonic() - started, monotonic(), 0, 0
        while found := recorder.select_notifications(start=last, limit=1000, inclusive_of_start=False):
            last, seen = found[-1].id, seen + len(found)
        assert seen == count
        print(appended, monotonic() - started)
        """

    @discardableResult
    private func runProgram(_ program: String, _ arguments: [String], more: [String: String]) throws -> String {
        var environment = ProcessInfo.processInfo.environment
        let tools = try (hub.server.installation().path("psql") as NSString).deletingLastPathComponent
        environment["PATH"] = tools + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
        environment["PGHOST"] = hub.server.sockets
        environment["PGPORT"] = String(EmbeddedServer.port)
        environment["PGUSER"] = EmbeddedServer.superuser
        environment.merge(more) { $1 }
        let outcome = try ChildProcess.run(program, arguments, environment: environment)
        guard outcome.status == 0 else { throw BenchmarkError("\(program) ended with \(outcome.status): \(outcome.output)") }
        return outcome.output
    }
}
