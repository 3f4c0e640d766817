import AdapterKit
import EventLog
import Foundation
import PostgresClient

/// `twinhub adapter reset`: a stream from its beginning.
struct AdapterResetCommand: Command {
    static let name = "reset"
    static let abstract = "Forget what was told of a stream: the next run tells everything again. Undone with --restore."
    static let discussion = """
        Cursor, files read and fingerprints are put aside, with who, when and why; the log keeps every fact. A fact that is told
        again folds into the same twin. What vanished from the source since its last run is not noticed then. Refused while a run
        writes for the source.
        """
    static let stream = Option("stream", value: "NAME", "Which stream.")
    static let reason = Option("reason", value: "TEXT", "Why, for those who look later.", default: "")
    static let list = Flag("list", "Show the states that were put aside.")
    static let restore = Option("restore", value: "ID", "Bring a state back that was put aside; the present one is put aside.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = [stream, reason, list, restore, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        guard [input[stream] != nil, input[list], input[restore] != nil].filter({ $0 }).count == 1 else {
            throw UsageError("'\(input.path)' takes one of --stream, --list and --restore.")
        }
        let manifest = try AdapterFolders.find(try input.required(adapter), root: context.home().adapters)
        let hub = try context.openHub()
        let owner = try hub.connectAsOwner(application: "twinhub adapter reset")
        let why = try input.required(reason)
        if input[list] {
            var table = Table([.right("id"), .left("stream"), .left("put aside"), .left("by"), .left("reason")])
            for state in try StreamStates.list(manifest.name, on: owner) {
                table.add([String(state.id), state.stream, state.keptAt, state.keptBy, state.reason])
            }
            context.out.write(table.rendered)
        } else if input[restore] != nil {
            let id = Int64(try input.integer(restore, in: 1...Int.max))
            let kept = try StreamStates.restore(manifest.name, state: id, by: NSUserName(), reason: why, on: owner)
            context.out.line("\(manifest.name): state \(id) is back; the one before is kept as \(kept)")
        } else if let name = input[stream] {
            guard manifest.streams.contains(where: { $0.name == name }) else {
                throw UsageError("\(manifest.name) has no stream '\(name)'; it has \(manifest.streams.map(\.name).joined(separator: ", ")).")
            }
            let kept = try StreamStates.reset(manifest.name, stream: name, by: NSUserName(), reason: why, on: owner)
            context.out.line("\(manifest.name), \(name): the next run tells everything again; undo: twinhub adapter reset \(manifest.name) --restore \(kept)")
        }
        return withExtendedLifetime(hub) { .success }
    }
}
