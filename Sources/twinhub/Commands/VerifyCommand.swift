import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub verify`: the chain of digests, recomputed from the facts as they stand.
struct VerifyCommand: Command {
    static let name = "verify"
    static let abstract = "Recompute the digest of every batch, and name what was changed, removed, added or moved."
    static let discussion = """
        Whoever owns the database could compute a new chain: only heads that were noted elsewhere prove that nobody did.
        Keep what `twinhub log head --json` prints on another machine, and give it back with --pinned.
        """
    static let source = Option("source", value: "NAME", "Only this source's batches.")
    static let from = Option("from", value: "POSITION", "Only batches with facts from this position on.", default: "0")
    static let pinned = Option("pinned", value: "FILE", "Heads noted earlier, as `twinhub log head --json` printed them.")
    static let archives = Option("archives", value: "DIR", "A folder with the files of archived partitions, to be read too.")
    static let arguments: [any Argument] = [source, from, pinned, archives]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let from = try input.integer(from, in: 0...Int.max)
        let heads = try input[pinned].map { path in
            do {
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try decoder.decode([ChainVerifier.Head].self, from: Data(contentsOf: URL(filePath: path)))
            } catch {
                throw UsageError("--pinned takes a file that `twinhub log head --json` wrote; \(path) is none.")
            }
        }
        let hub = try context.openHub()
        let connection = try Connection(hub.conninfo)
        try Migrations.check(on: connection)
        let bar = Progress(context.err, "facts verified")
        let started = ContinuousClock.now
        let newHeads = try ChainVerifier(connection).heads()
        let report = try ChainVerifier(connection).verify(source: input[source], from: Int64(from), pinned: heads ?? [], archives: input[archives]) { report in
            try Cancellation.check()
            bar.update(report.events)
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        bar.finish(
            "\(Progress.grouped(report.events)) facts in \(Progress.grouped(report.batches)) batches verified, "
                + String(format: "%.0f MB/s", Double(report.bytes) / 1e6 / max(seconds, 1e-9)))
        if report.unread > 0 {
            context.out.line(
                "\(Progress.grouped(report.unread)) batches lie in archived partitions (\(report.unreadLeaves.joined(separator: ", "))): their place in the "
                    + "chain was checked, their facts were not read. Give --archives DIR to read them too.")
        }
        for finding in report.findings { context.out.line(finding.description) }
        guard report.findings.isEmpty else { return .failure }
        // `twinhub doctor` looks whether they still stand.
        if input[source] == nil, from == 0 { try LastVerification.note(newHeads, hub.home, on: connection) }
        return .success
    }
}
