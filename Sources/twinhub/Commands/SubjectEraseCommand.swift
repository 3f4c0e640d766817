import AdapterKit
import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient
import Projections

/// `twinhub subject erase SUBJECT --as STEWARD --reason TEXT`
struct SubjectEraseCommand: Command {
    static let name = "erase"
    static let abstract = "Erase a person: destroy the keys, take the values out of twin and quarantine, and prove it."
    static let discussion = """
        What the log holds of the person stays, and nobody can read it: pseudonyms, and ciphertext without a key. The chain
        still verifies. What sources still deliver is not told any more (`subject readmit` lets it in again). sealing.key is
        changed, so that older copies of the person's keys open nothing: take new backups of data and keys afterwards. Then
        tables, data directory and logs are searched for the person's values. Cut off, it goes on when it is asked for again.
        """
    static let arguments: [any Argument] = [SubjectCommand.steward, SubjectCommand.reason, SubjectCommand.domain, SubjectCommand.json, SubjectCommand.subject]

    /// What was done, and what a search found afterwards.
    struct Report: Codable {
        var subject: String
        /// Position of `subject.erased`.
        var position: Int64 = 0
        var sources: [String] = []
        var keysDestroyed = 0
        var refusedRowsDestroyed = 0
        /// Encrypted refused rows in which nothing of the person was found: they end within 90 days.
        var refusedRowsOfOthers = 0
        /// Facts that stay, under the pseudonym.
        var factsInLog: Int64 = 0
        var keysWrappedAnew = 0
        /// How many different values were known and searched for: none where an earlier attempt had destroyed the keys.
        var valuesSearchedFor = 0
        var search: [ErasureSearch.Finding] = []
        /// The last day on which a backup of keys from before may exist; nil where there is none.
        var keyBackupsUntil: String?
        var isClean: Bool { search.allSatisfy { $0.found == 0 } }
    }

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let owner = try hub.connectAsOwner(application: "twinhub subject")
        let keys = try hub.keys(on: owner)
        var report = Report(subject: try SubjectCommand.person(input, keys))
        let steward = try hub.steward(try input.required(SubjectCommand.steward), owner)
        let erasure = try destroy(&report, reason: try input.required(SubjectCommand.reason), keys, steward: steward, owner)
        report.position = try ErasureLog.tell(erasure.number, on: hub.decider(owner))
        context.err.line("twinhub: the keys are destroyed; taking the person out of the twin …")
        try fold(upTo: report.position, hub, owner)
        // Made before, they still hold the person.
        for schema in try TwinSnapshots.all(on: owner) where try TwinSnapshots.drop(schema, on: owner) {
            context.err.line("twinhub: dropped the earlier twin in the schema \(schema); `twinhub twin-at` builds it again, without the person")
        }
        report.keysWrappedAnew = try SealingRotation.run(folder: hub.home.keys, on: owner)
        try sweep(owner)
        context.err.line("twinhub: searching …")
        try prove(&report, erasure.values, hub, owner)
        try owner.query("UPDATE hub.erasure SET finished_at = now() WHERE id = $1", [.int(erasure.number)])
        if input[SubjectCommand.json] { try context.out.json(report) } else { show(report, context) }
        return withExtendedLifetime(hub) { report.isClean ? .success : .failure }
    }

    private static func destroy(
        _ report: inout Report, reason: String, _ keys: Keys, steward: Connection, _ owner: Connection
    ) throws -> (number: Int64, values: [String]) {
        // To know what to search for; a moment later nobody can.
        let entries = try SubjectValues(keys).open(report.subject, reason: reason, everywhere: true, steward: steward)
        let values = Array(Set(entries.compactMap(\.value)))
        report.sources = Set(entries.map(\.source)).sorted()
        let rows = try SubjectSearch(report.subject, keys: keys, values: values).quarantined(on: owner)
        report.refusedRowsOfOthers = rows.others
        let done = try steward.query(
            "SELECT erasure, destroyed, discarded FROM hub.erase_subject($1, $2, $3::bigint[])",
            [.text(report.subject), .text(reason), .text("{\(rows.found.map(String.init).joined(separator: ","))}")])
        report.keysDestroyed = Int(done.int(0, 1) ?? 0)
        report.refusedRowsDestroyed = Int(done.int(0, 2) ?? 0)
        return (done.int(0, 0) ?? 0, values)
    }

    /// Folds what is new, or waits for the projectors that do, and drops generations that a long query kept.
    private static func fold(upTo position: Int64, _ hub: Hub, _ owner: Connection) throws {
        try fold(upTo: position, "twin", hub, owner) { TwinProjection() }
        try fold(upTo: position, "history", hub, owner) { HistoryProjection() }
        let old = try owner.query(
            """
            SELECT quote_ident(s.nspname) FROM pg_namespace s
             WHERE s.nspname ~ '^twin_g[0-9]+$' AND s.nspname <> (SELECT 'twin_g' || number FROM twin.generation)
                OR s.nspname ~ '^history_g[0-9]+$' AND s.nspname <> (SELECT 'history_g' || number FROM history.generation)
            """)
        for row in 0..<old.count { if let schema = old.text(row, 0) { try owner.execute("SET lock_timeout = '10s'; DROP SCHEMA \(schema) CASCADE; RESET lock_timeout") } }
    }

    private static func fold(upTo position: Int64, _ name: String, _ hub: Hub, _ owner: Connection, make: @escaping () -> any Projection) throws {
        do {
            let connection = try Connection(hub.conninfo, application: "twinhub subject")
            try Projector(connection, progress: { _ in try Cancellation.check() }, make: make).once()
        } catch let error as ProjectionError where error.code == .leaseHeld {
            while try owner.query("SELECT position < $1 FROM hub.checkpoint WHERE projector = $2", [.int(position), .text(name)]).bool(0, 0) {
                if Cancellation.wait(milliseconds: 200) { throw Cancelled() }
            }
        }
    }

    /// Dead rows go now, not when the server gets round to it.
    private static func sweep(_ owner: Connection) throws {
        let rows = try owner.query(
            """
            SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND (n.nspname ~ '^(twin|history)_g[0-9]+$' AND c.relname IN ('resident_claim', 'benefit_claim')
                OR n.nspname = 'hub' AND c.relname IN ('subject_key', 'quarantine'))
            """)
        if let tables = rows.text(0, 0) { try owner.execute("VACUUM \(tables)") }
        // Needs a right of its own on a server elsewhere; there the server does it within its checkpoint_timeout.
        _ = try? owner.execute("CHECKPOINT")
    }

    private static func prove(_ report: inout Report, _ values: [String], _ hub: Hub, _ owner: Connection) throws {
        report.valuesSearchedFor = values.count
        report.factsInLog = try owner.query("SELECT count(*) FROM hub.event WHERE subject = $1", [.text("person/\(report.subject)")]).int(0, 0) ?? 0
        let destroyed = try owner.query("SELECT DISTINCT unnest(keys) FROM hub.erasure WHERE subject = $1", [.text(report.subject)])
        let search = ErasureSearch(values: values, keys: (0..<destroyed.count).compactMap { destroyed.text($0, 0) })
        report.search = try search.tables(on: owner)
        if hub.isEmbedded {
            for (folder, place) in [(hub.home.state + "/data", "the server's data directory"), (hub.home.logs, "the server's logs")] {
                if let finding = search.files(in: folder, place) { report.search.append(finding) }
            }
        }
        report.keyBackupsUntil = try owner.query("SELECT to_char(max(expires_at), 'YYYY-MM-DD') FROM hub.key_backup").text(0, 0)
    }

    private static func show(_ report: Report, _ context: Context) {
        let out = context.out
        out.line("\(report.subject) is erased (position \(report.position)).")
        out.line("  keys destroyed        \(report.keysDestroyed)\(report.sources.isEmpty ? "" : ", of values from \(report.sources.joined(separator: ", "))")")
        out.line("  refused rows          \(report.refusedRowsDestroyed) destroyed; \(report.refusedRowsOfOthers) other encrypted ones, in which nothing of the person was found, end within 90 days")
        out.line("  sealing.key           changed; \(report.keysWrappedAnew) keys of others wrapped anew")
        out.line("  left in the log       \(report.factsInLog) facts under the pseudonym, which whoever has pseudonym.key and the person's number can still find")
        if report.valuesSearchedFor == 0 { out.line("  no value is known     nothing was sealed, or the keys were gone before: the search is for values under destroyed keys alone") }
        var table = Table([.left("searched for \(report.valuesSearchedFor) values of the person"), .left("through"), .right("found")])
        for finding in report.search { table.add([finding.place, finding.searched, "\(finding.found)"]) }
        out.write(table.rendered)
        if let day = report.keyBackupsUntil {
            out.line("Backups of keys from before may be kept until \(day): with an older backup of the data they could bring the values back. `twinhub keys destroy` ends that sooner.")
        } else {
            out.line("The hub knows of no backup of its keys from before: no older backup of the data can bring the values back, unless the key files were copied by hand.")
        }
        context.err.line("Take new backups of the data and of the keys now: the older ones no longer fit together.")
        if !report.isClean { context.err.line("Something was found: look at it before you call the person erased.") }
    }
}
