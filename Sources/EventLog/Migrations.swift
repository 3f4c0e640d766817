import PostgresClient
import Schemas

/// Brings the schema `hub` up to date.
///
/// Numbered files in `Schemas/sql/migrations` run once each, in order, and must never change. Functions, triggers, views
/// and privileges are re-created whenever a file of theirs changes. Everything happens in one transaction under a lock.
package enum Migrations {
    /// One numbered step.
    package struct Step: Sendable, Hashable {
        package let number: Int
        package let name: String
        package let text: String
        package var checksum: String { SHA256.digest(Array(text.utf8)).hexadecimal }

        package init(number: Int, name: String, text: String) {
            self.number = number
            self.name = name
            self.text = text
        }
    }

    /// The steps in this binary, in order.
    package static var steps: [Step] {
        Schemas.files(in: "sql/migrations").compactMap { file in
            Int(file.name.prefix { $0 != "_" }).map { Step(number: $0, name: file.name, text: file.text) }
        }.sorted { $0.number < $1.number }
    }

    /// Folders whose files may run again and again, in this order.
    private static let repeatable = ["functions", "triggers", "views", "privileges"]

    /// Runs what is missing.
    ///
    /// On a copy of a hub, as after a restore, it makes the roles that did not come along and renews the epoch.
    /// - Parameters:
    ///   - leafSize: positions in a partition of the log, for a database that has no facts yet; nil leaves what there is.
    ///   - renewing: functions and privileges even where no file of theirs has changed: what belongs to the database as a whole
    ///     is no part of its dump.
    /// - Returns: the names of the steps that ran, and `functions and privileges` where they were renewed.
    @discardableResult
    package static func apply(on connection: Connection, steps: [Step] = Migrations.steps, leafSize: Int64? = nil, renewing: Bool = false) throws -> [String] {
        let hub = try hubName(on: connection)
        return try connection.transaction { connection in
            try connection.query("SELECT pg_advisory_xact_lock(29801, 2)")
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS public.twinhub_migration (
                    number integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
                """)
            var done = try run(pending(of: steps, applied: applied(on: connection)), on: connection)
            let newRoles = try Roles.makeGroups(hub: hub, on: connection)
            if try renewRepeatable(on: connection, hub: hub, always: newRoles || renewing) { done.append("functions and privileges") }
            try Roles.remakeAdapters(hub: hub, on: connection)
            try registerEventTypes(on: connection)
            try connection.query("SELECT hub.renew_epoch_of_copy()")
            if let leafSize { try setLeafSize(leafSize, on: connection) }
            try connection.query("SELECT hub.ensure_leaves()")
            return done
        }
    }

    /// Throws `notMigrated` unless every step of this binary has run; the named errors of `apply` as well.
    package static func check(on connection: Connection) throws {
        guard try connection.query("SELECT to_regclass('public.twinhub_migration') IS NOT NULL").bool(0, 0),
            try pending(of: steps, applied: applied(on: connection)).isEmpty
        else {
            throw LogError(.notMigrated, "The database's schema is not up to date. Run `twinhub migrate`.")
        }
    }

    private static func applied(on connection: Connection) throws -> [(number: Int, name: String, checksum: String)] {
        let rows = try connection.query("SELECT number, name, checksum FROM public.twinhub_migration ORDER BY number")
        return (0..<rows.count).map { (Int(rows.int($0, 0) ?? 0), rows.text($0, 1) ?? "", rows.text($0, 2) ?? "") }
    }

    private static func pending(
        of steps: [Step], applied: [(number: Int, name: String, checksum: String)]
    ) throws(LogError) -> [Step] {
        let known = Dictionary(uniqueKeysWithValues: steps.map { ($0.number, $0) })
        for row in applied {
            guard let step = known[row.number] else {
                throw LogError(
                    .migrationMissing,
                    "Migration \(row.name) ran on this database, but this twinhub does not have it. Use a newer twinhub.")
            }
            guard step.checksum == row.checksum else {
                throw LogError(
                    .migrationChanged,
                    "Migration \(row.name) has changed since it ran on this database. Restore the file, and write a new migration instead.")
            }
        }
        let last = applied.last?.number ?? 0
        let ran = Set(applied.map(\.number))
        let pending = steps.filter { !ran.contains($0.number) }
        if let late = pending.first(where: { $0.number < last }) {
            throw LogError(
                .migrationOutOfOrder,
                "Migration \(late.name) never ran on this database, but a later one did. Give it a number above \(last).")
        }
        return pending
    }

    private static func run(_ steps: [Step], on connection: Connection) throws -> [String] {
        for step in steps {
            try connection.execute(step.text)
            try connection.query(
                "INSERT INTO public.twinhub_migration (number, name, checksum) VALUES ($1, $2, $3)",
                [.int(Int64(step.number)), .text(step.name), .text(step.checksum)])
        }
        return steps.map(\.name)
    }

    /// Whether anything was renewed. The checksum of all files stands as number 0.
    private static func renewRepeatable(on connection: Connection, hub: String, always: Bool) throws -> Bool {
        let files = repeatable.flatMap { Schemas.files(in: "sql/\($0)") }
        let checksum = SHA256.digest(files.flatMap { Array(($0.path + "\0" + $0.text + "\0").utf8) }).hexadecimal
        let known = try connection.execute("SELECT obj_description('hub'::regnamespace)").text(0, 0) ?? ""
        let mark = "[functions \(checksum.prefix(16))]"
        guard always || !known.hasSuffix(mark) else { return false }
        try connection.execute("SET LOCAL check_function_bodies = off")
        for file in files {
            try connection.execute(file.text.replacing("{hub}", with: hub.replacing("\"", with: "\"\"")))
        }
        let text = known.prefix { $0 != "[" }.trimmingSuffix(while: { $0 == " " })
        try connection.execute("COMMENT ON SCHEMA hub IS \(SQL.literal("\(text) \(mark)"))")
        return true
    }

    /// Where the partitions' bounds lie follows from their size: it can be set only before there is one.
    private static func setLeafSize(_ size: Int64, on connection: Connection) throws {
        if try connection.query("SELECT leaf_size = $1::bigint FROM hub.log", [.int(size)]).bool(0, 0) { return }
        guard try connection.query("SELECT FROM pg_inherits WHERE inhparent = 'hub.event'::regclass LIMIT 1").count == 0 else {
            throw LogError(.badLeaf, "The size of the log's partitions cannot change any more: there are some already.")
        }
        try connection.query("UPDATE hub.log SET leaf_size = $1::bigint", [.int(size)])
    }

    /// Every `Schemas/events/<name>.v<version>.schema.json` is a type.
    private static func registerEventTypes(on connection: Connection) throws {
        for type in EventType.shipped {
            try connection.query(
                "INSERT INTO hub.event_type (name, version) SELECT $1, $2::int WHERE NOT EXISTS (SELECT FROM hub.event_type WHERE name = $1 AND version = $2::int)",
                [.text(type.name), .int(Int64(type.version))])
        }
    }

    /// The hub's name is its database's: the prefix of its roles.
    package static func hubName(on connection: Connection) throws -> String {
        let name = try connection.query("SELECT current_database()").text(0, 0) ?? ""
        guard !name.isEmpty, name.utf8.count <= 40, !name.contains("_adapter_"), name.unicodeScalars.allSatisfy({ $0.value > 32 && $0 != "\"" }) else {
            throw LogError(.badName, "A hub's database needs a name of at most 40 bytes, without blanks, quotation marks and \"_adapter_\".")
        }
        return name
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while condition: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, condition(last) { rest.removeLast() }
        return rest
    }
}
