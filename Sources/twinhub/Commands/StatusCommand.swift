import EventLog
import Operations
import PostgresClient

/// `twinhub status`: one look to know that the hub is well.
struct StatusCommand: Command {
    static let name = "status"
    static let abstract = "Show each source's last run, what failed, and how far each projector is behind."
    static let json = Flag("json", "For machines: one JSON document.")
    static let arguments: [any Argument] = [json]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner()
        let status = try HubStatus(on: connection)
        let supervisor = try SupervisorState.current(hub.home)
        if input[json] {
            try context.out.json(Whole(status: status, supervisor: supervisor))
        } else {
            context.out.write(text(of: status))
            context.out.write("\n" + SupervisorText.text(of: supervisor))
        }
        return withExtendedLifetime(hub) { .success }
    }

    /// The hub's members, and `supervisor` beside them (null where the hub is not up).
    private struct Whole: Encodable {
        let status: HubStatus
        let supervisor: SupervisorState?

        private enum CodingKeys: CodingKey { case supervisor }

        func encode(to encoder: any Encoder) throws {
            try status.encode(to: encoder)
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(supervisor, forKey: .supervisor)
        }
    }

    static func text(of status: HubStatus) -> String {
        var sources = Table([
            .left("source"), .left("department"), .left("last run"), .right("read"), .right("new"), .right("changed"), .right("unchanged"),
            .right("removed"), .right("refused"), .right("facts"), .right("facts in all"), .left("last attempt"),
        ])
        for source in status.sources {
            sources.add([
                source.name, source.department, source.lagSeconds.map { age($0) + " ago" } ?? "never",
                number(source.read), number(source.added), number(source.changed), number(source.unchanged), number(source.removed), number(source.refused),
                number(source.facts), number(source.factsTotal), source.attempt?.outcome ?? "",
            ])
        }
        var projectors = Table([.left("projector"), .right("position"), .right("behind"), .left("")])
        for projector in status.projectors {
            projectors.add([
                projector.name, number(projector.position), number(projector.lagPositions),
                projector.lagPositions == 0 ? "up to date" : "oldest fact \(age(projector.lagSeconds))",
            ])
        }
        var consumers = Table([.left("consumer"), .left("stream"), .right("position"), .right("behind"), .right("members"), .left("")])
        for consumer in status.consumers {
            var state = consumer.pauseReason.map { "paused: \($0)" } ?? (consumer.lagFacts == 0 ? "up to date" : "oldest fact \(age(consumer.lagSeconds))")
            if consumer.deadLetters > 0 { state += ", \(number(consumer.deadLetters)) dead letters" }
            consumers.add([
                consumer.name, consumer.stream, number(consumer.position), number(consumer.lagFacts), number(consumer.members), state,
            ])
        }
        var slots = Table([.left("replication slot"), .left("state"), .right("WAL kept, MB")])
        for slot in status.slots {
            slots.add([slot.name, "\(slot.state)\(slot.active ? "" : ", nobody is connected")", number(slot.retainedBytes >> 20)])
        }
        let streams = (status.consumers.isEmpty ? "" : "\n\(consumers.rendered)") + (status.slots.isEmpty ? "" : "\n\(slots.rendered)")
        let lines = status.sources.flatMap { source in notes(source).map { "\(source.name): \($0)\n" } }.joined()
        return "log \(status.epoch), settled up to position \(number(status.horizon))\n\n\(sources.rendered)\(lines)\n\(projectors.rendered)\(streams)"
    }

    private static func notes(_ source: HubStatus.SourceStatus) -> [String] {
        var notes: [String] = []
        if let writer = source.writer { notes.append("running: \(writer)") }
        if let attempt = source.attempt {
            switch attempt.outcome {
            case "failed": notes.append("failed \(age(attempt.ageSeconds)) ago (\(attempt.errorKind ?? "unknown")): \(attempt.message ?? "")")
            case "cancelled": notes.append("cancelled \(age(attempt.ageSeconds)) ago; the next run goes on from there")
            case "lost": notes.append("lost: the run that began \(age(attempt.ageSeconds)) ago was killed or cut off; the next one goes on from there")
            default: break
            }
        }
        if source.heldBack > 0 { notes.append("\(source.heldBack) removals held back: twinhub adapter run \(source.name) --accept-removals") }
        if let warning = source.warning { notes.append("look at it: \(warning)") }
        if let drift = source.drift { notes.append("columns changed \(age(drift.ageSeconds)) ago: \(drift.columns)") }
        return notes
    }

    private static func number(_ value: Int64) -> String { Progress.grouped(Int(value)) }

    /// The largest unit that says enough: 40 s, 12 min, 5 h, 3 d.
    static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<100: "\(Int(seconds)) s"
        case ..<6_000: "\(Int(seconds / 60)) min"
        case ..<172_800: "\(Int(seconds / 3_600)) h"
        default: "\(Int(seconds / 86_400)) d"
        }
    }
}
