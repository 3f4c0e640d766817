import PostgresClient

/// A fact that the hub itself decides: a steward's merge, an alert, a scenario's case.
package struct Decision: Sendable, Hashable {
    /// What the decision was made upon.
    package enum Expectation: Sendable, Hashable {
        /// Nothing: it holds whatever was decided before.
        case whatever
        /// That nobody has decided about the subject yet.
        case nothing
        /// That this is the last decision about the subject.
        case position(Int64)
    }

    package var event: NewEvent
    package var expected: Expectation

    package init(_ event: NewEvent, expected: Expectation) {
        self.event = event
        self.expected = expected
    }
}

/// What became of one item of an append.
package enum AppendOutcome: Sendable, Hashable {
    /// The first about its subject, at this position.
    case new(Int64)
    /// Follows on another, at this position.
    case changed(Int64)
    /// Says what the last one said, at that position: nothing was appended, so that a repetition adds nothing.
    case unchanged(Int64)
    /// Not appended: somebody has decided meanwhile; the last decision's position, nil where there is none.
    case refused(last: Int64?)

    /// Where the last fact about the subject stands now.
    package var position: Int64? {
        switch self {
        case .new(let position), .changed(let position), .unchanged(let position): position
        case .refused(let last): last
        }
    }
}

/// Appends the hub's own decisions, each on condition that nobody decided about its subject meanwhile.
///
/// Compares with decisions only (`hub.subject_head`): what adapters tell of a subject is no decision. Writers of several
/// sources meet at the subject's row; each source has one writer, as ever (`BatchWriter`).
package final class DecisionWriter {
    /// What happens to an append when an expectation fails.
    package enum OnConflict: Sendable {
        /// Nothing of it is appended: `LogError(.expectedPosition)`.
        case fail
        /// The others are appended; the outcome says which were not.
        case refuse
    }

    private let connection: Connection
    private let writer: BatchWriter

    /// - Parameter connection: logged in as the role of a source that was registered with `decides`.
    package init(_ connection: Connection) throws {
        self.connection = connection
        writer = try BatchWriter(connection)
    }

    /// Makes this the one writer of its source: see `BatchWriter.acquireLease`.
    package func acquireLease(holder: String, seconds: Int = 60) throws {
        try writer.acquireLease(holder: holder, seconds: seconds)
    }

    package func releaseLease() throws { try writer.releaseLease() }

    /// The position of the last decision about a subject, to be expected by the next; nil where there is none.
    package func lastPosition(of subject: String) throws(PostgresError) -> Int64? {
        try connection.query("SELECT position FROM hub.subject_head WHERE subject = $1 AND position > 0", [.text(subject)]).int(0, 0)
    }

    /// Appends decisions in one transaction.
    /// - Parameters:
    ///   - rule: name and version of what decided, such as `steward/1` or `gas-alarm/3`.
    ///   - input: what it was decided upon.
    /// - Returns: the outcome of each, in order.
    package func append(_ decisions: [Decision], rule: String, input: String, onConflict: OnConflict = .fail) throws -> [AppendOutcome] {
        for decision in decisions { _ = try writer.number(of: EventType(name: decision.event.type, version: decision.event.version)) }
        var heads: [Subject: Head] = [:]
        var outcomes: [AppendOutcome] = []
        do {
            _ = try writer.commit { batch, connection in
                // In one order everywhere: two appends never wait for each other.
                for subject in Set(decisions.map { Subject($0.event.subject) }).sorted() { heads[subject] = try self.lock(subject) }
                outcomes = try Self.decide(decisions, &heads, onConflict)
                var made = Batch(adapterVersion: rule, input: input)
                made.events = zip(decisions, outcomes).filter { $1.appends }.map(\.0.event)
                made.counters = Self.count(outcomes)
                // Nothing to append: no batch either.
                if made.events.isEmpty { throw NothingNew() }
                return made
            } after: { open in
                for (subject, head) in heads where head.content != head.stored {
                    heads[subject]?.position = try self.connection.query(
                        "SELECT hub.note_decision($1, $2, $3, $4)",
                        [.text(subject.text), .int(open.id), .int(open.after), .bytes(head.content ?? [])]
                    ).int(0, 0)
                }
            }
        } catch is NothingNew {
            return outcomes
        }
        return zip(decisions, outcomes).map { decision, outcome in
            guard let position = heads[Subject(decision.event.subject)]?.position else { return outcome }
            switch outcome {
            case .new: return .new(position)
            case .changed: return .changed(position)
            case .unchanged, .refused: return outcome
            }
        }
    }

    private struct NothingNew: Error {}

    /// By its bytes: Swift holds texts for equal that the log does not.
    private struct Subject: Hashable, Comparable {
        let text: String
        private let bytes: [UInt8]

        init(_ text: String) {
            self.text = text
            bytes = Array(text.utf8)
        }

        static func == (a: Subject, b: Subject) -> Bool { a.bytes == b.bytes }
        static func < (a: Subject, b: Subject) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
        func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
    }

    /// The last decision about a subject.
    private struct Head {
        var position: Int64?
        /// As it stands in the database.
        let stored: [UInt8]?
        /// As it will stand.
        var content: [UInt8]?
        var isDecidedHere = false
    }

    private func lock(_ subject: Subject) throws(PostgresError) -> Head {
        let rows = try connection.query("SELECT position, content FROM hub.lock_subject($1)", [.text(subject.text)])
        let content = rows.bytes(0, 1)
        return Head(position: rows.int(0, 0).flatMap { $0 > 0 ? $0 : nil }, stored: content, content: content)
    }

    /// Positions are not known yet: 0 stands for them.
    private static func decide(_ decisions: [Decision], _ heads: inout [Subject: Head], _ onConflict: OnConflict) throws(LogError) -> [AppendOutcome] {
        var outcomes: [AppendOutcome] = []
        for decision in decisions {
            let subject = Subject(decision.event.subject)
            guard var head = heads[subject] else { continue }
            let content = Self.content(of: decision.event)
            if head.content == content {
                outcomes.append(.unchanged(head.isDecidedHere ? 0 : head.position ?? 0))
                continue
            }
            let fits =
                switch decision.expected {
                case .whatever: true
                case .nothing: head.position == nil && !head.isDecidedHere
                case .position(let position): head.position == position && !head.isDecidedHere
                }
            guard fits else {
                guard onConflict == .refuse else {
                    throw LogError(
                        .expectedPosition,
                        "Somebody else has decided about \(decision.event.subject) meanwhile (position \(head.position ?? 0)). "
                            + "Nothing was appended; look at that decision, and decide again.")
                }
                outcomes.append(.refused(last: head.position))
                continue
            }
            outcomes.append(head.position == nil && !head.isDecidedHere ? .new(0) : .changed(0))
            head.content = content
            head.isDecidedHere = true
            heads[subject] = head
        }
        return outcomes
    }

    /// SHA-256 of what the decision says, each part after its length.
    private static func content(of event: NewEvent) -> [UInt8] {
        var hash = SHA256()
        let head = "\(event.type)/\(event.version) \(event.occurredAt.map { String($0.microseconds) } ?? "-") \(event.causedBy.map(String.init) ?? "-") \(event.payload.count):"
        hash.update(head)
        hash.update(event.payload)
        return hash.finish()
    }

    private static func count(_ outcomes: [AppendOutcome]) -> BatchCounters {
        var counters = BatchCounters()
        counters.read = outcomes.count
        for outcome in outcomes {
            switch outcome {
            case .new: counters.added += 1
            case .changed: counters.changed += 1
            case .unchanged: counters.unchanged += 1
            case .refused: counters.refused += 1
            }
        }
        return counters
    }
}

extension AppendOutcome {
    fileprivate var appends: Bool {
        switch self {
        case .new, .changed: true
        case .unchanged, .refused: false
        }
    }
}
