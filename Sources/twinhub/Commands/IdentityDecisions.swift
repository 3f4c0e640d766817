import DigitalTwin
import EventLog
import Foundation
import Operations
import PostgresClient

extension IdentityCommand {
    /// `twinhub identity merge THING CLAIM --as STEWARD --reason TEXT`
    struct Merge: Command {
        static let name = "merge"
        static let abstract = "Decide that two claims, and with them their things, are the same. `reopen` takes it back."
        static let arguments: [any Argument] = [steward, reason, thing, other]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let desk = try DecisionRoom(input, context)
            _ = try desk.room.members(of: desk.room.id)
            _ = try desk.room.members(of: desk.other)
            guard desk.room.id != desk.other else { throw UsageError("Name two claims: this is one.") }
            return try desk.tell([desk.verdict(true, desk.room.id, desk.other)], context)
        }
    }

    /// `twinhub identity split THING CLAIM --as STEWARD --reason TEXT`
    struct Split: Command {
        static let name = "split"
        static let abstract = "Decide that a claim is not of a thing: it is kept apart from every other claim of it. `reopen` takes it back."
        static let arguments: [any Argument] = [steward, reason, thing, other]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let desk = try DecisionRoom(input, context)
            let members = try desk.room.members(of: desk.room.id)
            _ = try desk.room.members(of: desk.other)
            let others = members.contains(desk.other) ? members.filter { $0 != desk.other } : [desk.room.id]
            guard !others.isEmpty else { throw CommandError(.failure, "\(desk.other.text) is all that is known of this thing.") }
            return try desk.tell(others.map { try desk.verdict(false, $0, desk.other) }, context)
        }
    }

    /// `twinhub identity reopen THING CLAIM --as STEWARD --reason TEXT`
    struct Reopen: Command {
        static let name = "reopen"
        static let abstract = "Take back what was decided about a claim and the claims of a thing: the rules decide again."
        static let arguments: [any Argument] = [steward, reason, thing, other]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let desk = try DecisionRoom(input, context)
            let members = try desk.room.desk.claims(with: desk.room.id) ?? []
            let decided = try desk.room.desk.decisions(between: Array(Set(members + [desk.room.id]).subtracting([desk.other])), [desk.other])
            guard !decided.isEmpty else { throw CommandError(.failure, "Nothing is decided about \(desk.other.text) and \(desk.room.kind)/\(desk.room.id.text).") }
            let pairs = decided.keys.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
            return try desk.tell(pairs.map { try desk.event("identity.reopened", $0, [:]) }, context)
        }
    }

    /// `twinhub identity calibrate KIND --as STEWARD --reason TEXT`
    struct Calibrate: Command {
        static let name = "calibrate"
        static let abstract = "Learn from all claims of a kind how much each agreement weighs; from then on rules join them."
        static let discussion = """
            Nobody need know the truth about them. What is learned is a fact in the log. It is learned anew only by this command,
            so that the same claims stay the same things; do it when a source has come that says much. --dry-run shows what it would be.
            """
        static let linkFrom = Option("link-from", value: "P", "From which probability on claims are joined.", default: "0.95")
        static let reviewFrom = Option("review-from", value: "P", "From which probability on a steward is asked.", default: "0.5")
        static let withdraw = Flag("withdraw", "Take back what was learned: nothing is joined by rules any more.")
        static let dryRun = Flag("dry-run", "Show it, and record nothing.")
        static let arguments: [any Argument] = [linkFrom, reviewFrom, withdraw, dryRun, steward, reason, json, kind]

        struct Outcome: Codable {
            struct Attribute: Codable {
                let attribute: String
                /// By level of agreement, from equality on.
                let weights: [Double]
            }
            let kind: String
            let claims: Int
            let pairs: Int
            let linked: Int
            let toReview: Int
            let attributes: [Attribute]
            /// Agreements that say by themselves that two claims are one thing, and those about which a steward is asked.
            let keys: [String]
            let doubts: [String]
            let position: Int64?
        }

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            guard let link = Double(input[linkFrom] ?? ""), let review = Double(input[reviewFrom] ?? ""), 0 <= review, review <= link, link <= 1 else {
                throw UsageError("--review-from and --link-from take probabilities, the first no greater than the second.")
            }
            let desk = try DecisionRoom(kind: input.required(kind), input, context)
            if input[withdraw] {
                guard !input[dryRun] else { throw UsageError("--withdraw shows nothing; leave --dry-run out.") }
                return try desk.tell([desk.pen.event("resolver.withdrawn", "resolver/\(desk.room.kind)", [:])], context)
            }
            context.err.line("twinhub: learning from all claims of \(desk.room.kind) …")
            let learned = try desk.room.desk.learn(linkFrom: link, reviewFrom: review)
            guard learned.pairs > 0 || !desk.room.desk.kind.rules.isLearned else {
                throw CommandError(.failure, "\(learned.claims) claims of \(desk.room.kind), and no two to compare: there is nothing to learn from yet.")
            }
            let kind = desk.room.desk.kind
            let payload = Calibrated(
                entity_kind: kind.name, rules: kind.mark, parameters: learned.calibration, claims: learned.claims, reason: desk.pen.reason, decided_by: desk.pen.login)
            let event = NewEvent(type: "resolver.calibrated", subject: "resolver/\(kind.name)", payload: Array(try JSONEncoder.sorted.encode(payload)))
            let position = input[dryRun] ? nil : try desk.pen.append([event]).first?.position
            let outcome = Outcome(
                kind: kind.name, claims: learned.claims, pairs: learned.pairs, linked: learned.linked, toReview: learned.toReview,
                attributes: !kind.rules.isLearned ? [] : kind.rules.attributes.enumerated().map { number, attribute in
                    let weights = (1..<learned.calibration.m[number].count).map { learned.calibration.weight(attribute: number, level: $0) }
                    return Outcome.Attribute(attribute: attribute.name, weights: weights)
                }, keys: kind.rules.keys.map(\.name), doubts: kind.rules.doubts.map(\.name), position: position)
            if input[json] { try context.out.json(outcome) } else { context.out.write(text(outcome)) }
            return desk.room.done()
        }

        private struct Calibrated: Encodable {
            let entity_kind: String, rules: String, parameters: Calibration, claims: Int, reason: String, decided_by: String
        }

        private static func text(_ outcome: Outcome) -> String {
            var rules = ""
            if !outcome.keys.isEmpty { rules += "One thing: \(outcome.keys.joined(separator: "; ")).\n" }
            if !outcome.doubts.isEmpty { rules += "For a steward: \(outcome.doubts.joined(separator: "; ")).\n" }
            if !outcome.attributes.isEmpty {
                var table = Table([.left("attribute"), .right("equal"), .left("then, the less alike the later"), .right("different")])
                for attribute in outcome.attributes {
                    let weights = attribute.weights.map { String(format: "%+.1f", $0) }
                    table.add([attribute.attribute, weights.first ?? "", weights.dropFirst().dropLast().joined(separator: " "), weights.count > 1 ? weights.last ?? "" : ""])
                }
                rules += "How much agreement weighs, as the binary logarithm of the odds:\n\(table.rendered)"
            }
            let end = outcome.position.map { "resolver.calibrated stands at position \($0). The twin follows with the next `twinhub project`." } ?? "Nothing was recorded."
            return """
                \(outcome.claims) claims, \(outcome.pairs) pairs share a block: \(outcome.linked) would be joined, \(outcome.toReview) be for a steward to see.
                \(rules)\(end)

                """
        }
    }
}

/// What a steward decides about, and with which pen.
private struct DecisionRoom {
    let room: IdentityRoom
    /// The second claim that was named.
    let other: ClaimID
    let pen: StewardsPen

    init(_ input: ParsedArguments, _ context: Context) throws {
        let room = try IdentityRoom(thing: input.required(IdentityCommand.thing), context)
        // It may be named as the first one is.
        let word = try input.required(IdentityCommand.other), prefix = room.kind + "/"
        try self.init(room, ClaimID(word.hasPrefix(prefix) ? String(word.dropFirst(prefix.count)) : word), input)
    }

    init(kind: String, _ input: ParsedArguments, _ context: Context) throws { try self.init(IdentityRoom(kind: kind, context), ClaimID(""), input) }

    private init(_ room: IdentityRoom, _ other: ClaimID, _ input: ParsedArguments) throws {
        self.room = room
        self.other = other
        guard try !input.required(IdentityCommand.reason).allSatisfy(\.isWhitespace) else { throw UsageError("--reason is empty: say why.") }
        pen = try StewardsPen(input, of: "identity", room.hub, room.owner)
    }

    /// That two claims are one thing, or are not.
    func verdict(_ isSame: Bool, _ a: ClaimID, _ b: ClaimID) throws -> NewEvent {
        let pair = ClaimPair(a, b)
        let members = ["entity_kind": room.kind, "claim": pair.left.text, "other": pair.right.text, "verdict": isSame ? "same" : "different"]
        return try event(isSame ? "identity.merged" : "identity.split", pair, members)
    }

    func event(_ type: String, _ pair: ClaimPair, _ members: [String: String]) throws -> NewEvent {
        try pen.event(type, "identity/\(room.kind)/\(pair.left.text) \(pair.right.text)", members)
    }

    func tell(_ events: [NewEvent], _ context: Context) throws -> ExitCode {
        for (event, outcome) in zip(events, try pen.append(events)) {
            let position = outcome.position ?? 0
            if case .unchanged = outcome {
                context.out.line("Nothing new: \(event.subject) stands at position \(position).")
            } else {
                context.out.line("\(event.type) of \(event.subject.split(separator: "/", maxSplits: 1).last ?? "") stands at position \(position).")
            }
        }
        context.out.line("The twin follows with the next `twinhub project`.")
        return room.done()
    }
}
