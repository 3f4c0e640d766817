import AdapterKit
import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub quarantine …`: records that were refused, and what becomes of them.
struct QuarantineCommand: Command {
    static let name = "quarantine"
    static let abstract = "List refused records, look at one, send them through a corrected manifest, or discard them."
    static let subcommands: [any Command.Type] = [
        QuarantineListCommand.self, QuarantineShowCommand.self, QuarantineOpenCommand.self, QuarantineReplayCommand.self, QuarantineDiscardCommand.self,
    ]

    static let stream = Option("stream", value: "NAME", "Of this stream only.")
    static let rule = Option("rule", value: "RULE", "Refused by this rule only: type, ragged, missing_key …")
    static let since = Option("since", value: "TIME", "Refused at this time or later, such as 2026-05-01 or \"2026-05-01 12:00+08\".")
    static let id = Option("id", value: "N", "This record only; may be given several times.", repeats: true)
    static let filters: [any Argument] = [stream, rule, since, id]

    static func filter(_ input: ParsedArguments, source: String?, on connection: Connection) throws -> QuarantineFilter {
        var filter = QuarantineFilter()
        filter.source = source
        filter.stream = input[stream]
        filter.rule = input[rule]
        filter.ids = try input.all(id).map { text in
            guard let number = Int64(text), number > 0 else { throw UsageError("--id needs the number of a record, not \"\(text)\".") }
            return number
        }
        if let time = input[since] {
            do throws(PostgresError) {
                filter.since = try connection.query("SELECT $1::timestamptz", [.text(time)]).timestamp(0, 0)?.description
            } catch {
                guard error.sqlState?.hasPrefix("22") == true else { throw error }
                throw UsageError("--since needs a time such as 2026-05-01, not \"\(time)\".")
            }
        }
        if let source, try connection.query("SELECT FROM hub.source WHERE name = $1", [.text(source)]).count == 0 {
            throw LogError(.unknownSource, "No source \(source) ever ran here. See `twinhub adapter list`.")
        }
        return filter
    }

    /// The account of this machine, beside the database role.
    static var account: String { NSUserName() }
}

/// `twinhub quarantine list`
struct QuarantineListCommand: Command {
    static let name = "list"
    static let abstract = "List refused records, the newest first: place, rule and message, never a value."
    static let count = Option("count", short: "n", value: "N", "How many.", default: "20")
    static let all = Flag("all", "Also those that were replayed, superseded or discarded.")
    static let json = Flag("json", "For machines: one JSON document.")
    static let adapter = Positional("NAME", "Which adapter; all where none is named.", .optional)
    static let arguments: [any Argument] = QuarantineCommand.filters + [count, all, json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let limit = try input.integer(count, in: 1...1_000_000)
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner()
        var filter = try QuarantineCommand.filter(input, source: input[adapter], on: connection)
        filter.withClosed = input[all]
        let rows = try QuarantineRows.list(filter, limit: limit, on: connection)
        if input[json] {
            try context.out.json(rows)
        } else {
            var table = Table([.right("id"), .left("source"), .left("stream"), .left("place"), .left("rule"), .left("message"), .left("state")])
            for row in rows {
                let state = row.resolution ?? (row.attempts > 0 ? "refused again" : "open") + (row.sealed ? ", sealed" : "")
                table.add([
                    String(row.id), row.source, row.stream, row.input + (row.line.map { ":\($0)" } ?? ""), row.rule, row.message, state,
                ])
            }
            context.out.write(table.rendered)
            let whole = try QuarantineRows.count(filter, on: connection)
            if whole > Int64(rows.count) { context.err.line("\(Progress.grouped(Int(whole))) in all; more with -n \(whole)") }
        }
        return withExtendedLifetime(hub) { .success }
    }
}

/// `twinhub quarantine show`
struct QuarantineShowCommand: Command {
    static let name = "show"
    static let abstract = "Show one refused record: everything that is known of it, and its bytes as they came."
    static let discussion = """
        The bytes of a sealed record are not shown: its columns look personal. A steward opens it: twinhub quarantine open.
        """
    static let raw = Flag("raw", "Write the bytes alone, as they came.")
    static let id = Positional("ID", "Number of the record.")
    static let arguments: [any Argument] = [raw, id]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        guard let number = Int64(try input.required(id)), number > 0 else { throw UsageError("ID must be the number of a refused record.") }
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner()
        var filter = QuarantineFilter()
        filter.ids = [number]
        filter.withClosed = true
        guard let row = try QuarantineRows.list(filter, limit: 1, on: connection).first else {
            throw CommandError(.failure, "There is no refused record \(number). See `twinhub quarantine list`.")
        }
        let bytes = try QuarantineRows.raw(number, on: connection)
        if input[raw] {
            guard let bytes else { throw CommandError(.configuration, "The record \(number) is sealed: its columns look personal. \(opening(number))") }
            context.out.write(bytes: bytes)
            return withExtendedLifetime(hub) { .success }
        }
        for (name, value) in lines(of: row) { if let value { context.out.line("\(name.padding(toLength: 12, withPad: " ", startingAt: 0))\(value)") } }
        for opening in try QuarantineRows.openings(of: number, on: connection) { context.out.line("opened      \(opening)") }
        context.out.line("")
        switch bytes {
        case nil: context.out.line(row.resolution == nil ? "Its bytes are sealed. \(opening(number))" : "Its bytes were sealed, and are destroyed.")
        case let bytes?: context.out.line(text(of: bytes))
        }
        return withExtendedLifetime(hub) { .success }
    }

    private static func opening(_ id: Int64) -> String {
        "A steward opens them: twinhub quarantine open \(id) --as STEWARD --reason \"why\""
    }

    static func text(of bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let escaped = bytes.prefix(4096).map { $0 >= 0x20 && $0 < 0x7F ? String(UnicodeScalar($0)) : "\\x" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
        return "\(bytes.count) bytes that are not UTF-8; --raw writes them as they came:\n" + escaped.joined()
    }

    private static func lines(of row: QuarantineRows.Row) -> [(String, String?)] {
        [
            ("source", "\(row.source), stream \(row.stream)"), ("place", row.input + (row.line.map { ", line \($0)" } ?? "")), ("rule", row.rule),
            ("message", row.message), ("manifest", row.adapterVersion), ("refused at", row.recordedAt), ("columns", row.columns?.joined(separator: ", ")),
            ("again", row.attempts == 0 ? nil : "refused in \(row.attempts) replay\(row.attempts == 1 ? "" : "s")"),
            ("state", row.resolution.map { "\($0) at \(row.resolvedAt ?? "") by \(row.resolvedBy ?? "")" } ?? "open"), ("reason", row.reason),
        ]
    }
}

/// `twinhub quarantine replay`
struct QuarantineReplayCommand: Command {
    static let name = "replay"
    static let abstract = "Send refused records through the manifest as it is now, under the source's own role."
    static let discussion = """
        Facts, fingerprints and what became of each record are one transaction a stream. A record that is refused again stays, with its
        new reason; one that its source has delivered rightly since changes nothing. Doing it twice tells nothing twice.
        """
    static let dryRun = Flag("dry-run", "Only say what would become of them.")
    static let overwrite = Flag("overwrite", "Incremental streams: let records tell over what was told of them since.")
    static let json = Flag("json", "For machines: one JSON document.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = QuarantineCommand.filters + [dryRun, overwrite, json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let home = try context.home()
        let manifest = try AdapterFolders.find(try input.required(adapter), root: home.adapters)
        let hub = try context.openHub()
        let owner = try hub.connectAsOwner()
        let filter = try QuarantineCommand.filter(input, source: manifest.name, on: owner)
        let connection = try AdapterRunCommand.login(manifest, hub, owner)
        let keys = try AdapterRunCommand.keys(manifest, home, owner)
        let reports = try QuarantineReplay(manifest, connection: connection, owner: owner, keys: keys).run(
            filter, overwrite: input[overwrite], dryRun: input[dryRun], who: QuarantineCommand.account)
        if input[json] {
            try context.out.json(reports)
        } else {
            var table = Table([.left("stream"), .right("replayed"), .right("superseded"), .right("refused again"), .right("facts")])
            for report in reports {
                table.add([report.stream] + [report.replayed, report.superseded, report.refused, report.facts].map(Progress.grouped))
            }
            if !reports.isEmpty { context.out.write(table.rendered) }
            for report in reports { report.reasons.forEach { context.err.line("\(report.stream): \($0)") } }
            if reports.isEmpty { context.err.line("No refused record is open there.") }
            if input[dryRun] { context.err.line("Nothing was written.") }
        }
        return withExtendedLifetime(hub) { .success }
    }
}

/// `twinhub quarantine discard`
struct QuarantineDiscardCommand: Command {
    static let name = "discard"
    static let abstract = "Close refused records that nobody will use; who did it, when and why is kept."
    static let reason = Option("reason", value: "TEXT", "Why.", required: true)
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = QuarantineCommand.filters + [reason, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let why = try input.required(reason)
        guard !why.allSatisfy(\.isWhitespace) else { throw UsageError("--reason must say why.") }
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner()
        let filter = try QuarantineCommand.filter(input, source: try input.required(adapter), on: connection)
        let count = try QuarantineRows.discard(filter, reason: why, who: QuarantineCommand.account, on: connection)
        context.out.line("\(Progress.grouped(Int(count))) record\(count == 1 ? "" : "s") discarded")
        return withExtendedLifetime(hub) { .success }
    }
}
