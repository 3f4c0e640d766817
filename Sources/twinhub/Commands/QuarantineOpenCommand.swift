import AdapterKit
import EventLog
import Operations
import PostgresClient

/// `twinhub quarantine open`: the bytes of a sealed record, for a steward.
struct QuarantineOpenCommand: Command {
    static let name = "open"
    static let abstract = "Open a sealed refused record. Who, when and why is noted first."
    static let discussion = "What was opened, by whom and why stands in `twinhub quarantine show ID` and in hub.subject_access, for good."
    static let raw = Flag("raw", "Write the bytes alone, as they came.")
    static let id = Positional("ID", "Number of the record.")
    static let arguments: [any Argument] = [SubjectCommand.steward, SubjectCommand.reason, raw, id]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        guard let number = Int64(try input.required(id)), number > 0 else { throw UsageError("ID must be the number of a refused record.") }
        let hub = try context.openHub()
        let owner = try hub.connectAsOwner()
        let keys = try hub.keys(on: owner)
        var filter = QuarantineFilter()
        filter.ids = [number]
        filter.withClosed = true
        guard try QuarantineRows.count(filter, on: owner) == 1 else {
            throw CommandError(.failure, "There is no refused record \(number). See `twinhub quarantine list`.")
        }
        let steward = try hub.steward(try input.required(SubjectCommand.steward), owner)
        guard let row = try QuarantineRows.requested(number, reason: try input.required(SubjectCommand.reason), steward: steward) else {
            throw CommandError(.failure, "The bytes of the record \(number) are destroyed. It is noted that you looked.")
        }
        let bytes = row.sealed ? try Protection(keys).open(row.raw) : row.raw
        if input[raw] { context.out.write(bytes: bytes) } else { context.out.line(QuarantineShowCommand.text(of: bytes)) }
        return withExtendedLifetime(hub) { .success }
    }
}
