import EventLog
import Foundation
import Operations
import PostgresClient

/// With what a steward decides: his name, his reason, and the hub's own source, in whose log his decisions are facts.
struct StewardsPen {
    static let steward = Option("as", value: "STEWARD", "The steward's login, as `twinhub role login STEWARD --as steward` made it.", required: true)
    static let reason = Option("reason", value: "TEXT", "Why. Stands in the log for good.", required: true)

    let login: String
    let reason: String
    private let hub: Hub
    private let owner: Connection
    /// Name of the command, for those who ask where a decision came from, or who holds the lease.
    private let command: String

    init(_ input: ParsedArguments, of command: String, _ hub: Hub, _ owner: Connection) throws {
        (self.hub, self.owner, self.command) = (hub, owner, command)
        reason = try input.required(Self.reason)
        // His own login has to work: what is noted bears his name.
        login = try hub.steward(try input.required(Self.steward), owner).query("SELECT session_user").text(0, 0) ?? ""
    }

    /// A decision, signed.
    func event(_ type: String, _ subject: String, _ members: [String: String]) throws -> NewEvent {
        let payload = try JSONEncoder.sorted.encode(members.merging(["reason": reason, "decided_by": login]) { a, _ in a })
        return NewEvent(type: type, subject: subject, payload: Array(payload))
    }

    /// Appends decisions in one transaction, but those that the last one about the subject says already.
    func append(_ events: [NewEvent]) throws -> [AppendOutcome] {
        let writer = try DecisionWriter(hub.decider(owner))
        try writer.acquireLease(holder: BatchWriter.holder(command))
        defer { try? writer.releaseLease() }
        return try writer.append(events.map { Decision($0, expected: .whatever) }, rule: "steward/1", input: "twinhub \(command)")
    }

    /// Appends one decision, and says where it stands.
    func tell(_ event: NewEvent, _ context: Context) throws -> ExitCode {
        let outcomes = try append([event])
        guard case .unchanged(let position)? = outcomes.first else {
            context.out.line("\(event.type) stands at position \(outcomes.first?.position ?? 0). The twin follows with the next `twinhub project`.")
            return .success
        }
        context.out.line("Nothing new: that stands at position \(position).")
        return .success
    }
}
