import EventLog
import PostgresClient
import RecordFormats

/// Turns one record, or the pieces of a united one, into its facts.
final class FactMapper {
    /// One of the stream's facts, worked out on a record.
    struct Mapped {
        /// Number of the fact in the stream.
        let index: Int
        /// Nil where its `when` does not hold.
        let event: NewEvent?
        /// Hash of type, subject, moment and payload; never 0.
        let content: UInt64
    }

    let stream: Stream
    let columns: RecordColumns
    private let evaluation: Evaluation
    private let plans: [Plan]
    private let hasher: ContentHasher
    private let streamPrefix: [UInt8]
    private let salt: [UInt8]
    private let protection: Protection
    private let hashes: Bool
    /// The payload at hand; kept for its memory.
    private var json: [UInt8] = []

    /// One of the stream's facts, ready to be worked out. A class, so that to look at it for each record counts one reference.
    private final class Plan {
        let fact: Stream.Fact
        let contract: JSONSchema
        /// Nil where its contract asks for more than it knows.
        let quick: QuickPayload?

        init(_ fact: Stream.Fact, _ contract: JSONSchema) {
            (self.fact, self.contract) = (fact, contract)
            quick = QuickPayload(fact.payload, contract: contract)
        }
    }

    init(_ stream: Stream, protection: Protection, personal: PersonalColumns? = nil) throws(AdapterError) {
        self.stream = stream
        columns = RecordColumns(stream.scope, rules: stream.personal, nullWords: stream.nullWords, protection: protection, subjectOf: stream.subjectOf)
        self.protection = protection
        evaluation = Evaluation(columns: columns, types: stream.contract.types, keepsGaps: stream.group != nil, personal: personal ?? PersonalColumns(stream))
        hasher = try ContentHasher()
        streamPrefix = Array(stream.name.utf8) + [0]
        salt = protection.salt
        hashes = stream.keepsFingerprints
        var plans: [Plan] = []
        for fact in stream.facts {
            guard let contract = Contracts.shipped[fact.event, fact.version] else {
                throw AdapterError(.configuration, "There is no contract for \"\(fact.event)\" version \(fact.version).")
            }
            plans.append(Plan(fact, contract))
        }
        self.plans = plans
    }

    /// Whether the record belongs to the stream.
    func belongs(_ record: Record) -> Bool {
        guard let condition = stream.condition else { return true }
        columns.load(record)
        return columns.holds(condition)
    }

    /// The hash of the record's key; for a group that of `by` and the window.
    func key(_ record: Record) throws(Refused) -> FingerprintKey {
        columns.load(record)
        hasher.begin()
        hasher.add(streamPrefix)
        if let group = stream.group {
            for slot in group.slots { hasher.addCounted(try keyPart(slot)) }
            hasher.add(try windowStart_s(record, group))
        } else {
            for slot in stream.keySlots { hasher.addCounted(try keyPart(slot)) }
        }
        let digest = hasher.finish()
        return FingerprintKey(low: digest.0, high: digest.1)
    }

    /// When a reading was taken.
    func readingTime(_ record: Record) throws(Refused) -> Timestamp {
        columns.load(record)
        guard let group = stream.group, let time = try evaluation.moment(group.time) else {
            throw Refused(rule: "missing_time", message: "The reading has no time, so it belongs to no window.")
        }
        return time
    }

    /// A moment of a single record; throws where it does not fit its type.
    func moment(_ record: Record, _ expression: Expression) throws(Refused) -> Timestamp? {
        columns.load(record)
        return try evaluation.moment(expression)
    }

    private func windowStart_s(_ record: Record, _ group: Stream.Group) throws(Refused) -> Int64 {
        guard let time = try evaluation.moment(group.time) else {
            throw Refused(rule: "missing_time", message: "The reading has no time, so it belongs to no window.")
        }
        let window_us = Int64(group.window_s) * 1_000_000
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: window_us)
        return (remainder < 0 ? quotient - 1 : quotient) * Int64(group.window_s)
    }

    private func keyPart(_ slot: Int) throws(Refused) -> String {
        guard let value = columns.value(slot) else {
            throw Refused(rule: "missing_key", message: "The key column \"\(stream.scope.names[slot])\" is missing or empty.")
        }
        guard let text = RecordColumns.text(of: value) else {
            throw Refused(rule: "missing_key", message: "The key column \"\(stream.scope.names[slot])\" holds \(shape(of: value)), which is no key.")
        }
        return text
    }

    /// All facts of a united record; nothing is told where one is refused.
    func map(_ pieces: [Record], into mapped: inout [Mapped]) throws(Refused) {
        columns.load(pieces: pieces)
        try mapLoaded(into: &mapped)
    }

    /// All facts of the record that `columns` holds.
    func mapLoaded(into mapped: inout [Mapped]) throws(Refused) {
        mapped.removeAll(keepingCapacity: true)
        try refuseErased()
        for (index, plan) in plans.enumerated() {
            if let condition = plan.fact.condition, !columns.holds(condition) {
                mapped.append(Mapped(index: index, event: nil, content: 0))
                continue
            }
            let event = try event(plan)
            mapped.append(Mapped(index: index, event: event, content: hashes ? content(event) : 1))
        }
    }

    /// Whom the loaded record is about, for what becomes of it when it is refused.
    var person: String? { columns.person(piece: 0) }

    /// What sources still say of an erased person is not told.
    private func refuseErased() throws(Refused) {
        guard protection.people?.erased.isEmpty == false else { return }
        for piece in columns.pieces.indices {
            if let person = columns.person(piece: piece), protection.isErased(subject: person) { throw .erased(piece: piece) }
        }
    }

    /// What tells that fact `index` of the loaded record no longer holds; nil where the manifest says that nothing does.
    func undone(_ index: Int) throws(Refused) -> NewEvent? {
        let fact = stream.facts[index]
        guard case .event(let type, let at, let members)? = fact.undone else { return nil }
        let subject = try subject(fact.subject)
        columns.fact = (type, subject)
        let payload = try payload(members, contract: Contracts.shipped[type, 1], event: type)
        let occurredAt: Timestamp? = if let at { try evaluation.moment(at) } else { nil }
        return NewEvent(type: type, subject: subject, occurredAt: occurredAt, payload: payload)
    }

    /// How the loaded record would be told as removed: `subject`, or `event` TAB `subject` where the first fact names an event of its own.
    func removal(_ mapped: [Mapped]) throws(Refused) -> [UInt8]? {
        guard let removed = stream.removed, let first = mapped.first(where: { $0.event != nil }), let event = first.event else { return nil }
        let subject = if let expression = removed.subject { try subject(expression) } else { event.subject }
        guard let own = stream.facts[first.index].removed else { return Array(subject.utf8) }
        return Array("\(own)\t\(subject)".utf8)
    }

    /// A short hash of how a record is told as removed.
    func content(_ removal: [UInt8]) -> UInt64 {
        hasher.begin()
        hasher.add(removal)
        return max(1, hasher.finish().0)
    }

    /// A hash of a refused row, so that the next pull knows it again.
    func key(ofRefused raw: [UInt8], rule: String) -> FingerprintKey {
        hasher.begin()
        hasher.add(salt)
        hasher.add(streamPrefix)
        hasher.addCounted(rule)
        hasher.add(raw)
        let digest = hasher.finish()
        return FingerprintKey(low: digest.0, high: digest.1)
    }

    private func event(_ plan: Plan) throws(Refused) -> NewEvent {
        let fact = plan.fact
        let subject = try subject(fact.subject)
        columns.fact = (fact.event, subject)
        let occurredAt: Timestamp? = if let at = fact.occurredAt { try evaluation.moment(at) } else { nil }
        let payload = if let written = quickPayload(plan) { written } else { try payload(fact.payload, contract: plan.contract, event: fact.event) }
        return NewEvent(type: fact.event, version: fact.version, subject: subject, occurredAt: occurredAt, payload: payload)
    }

    private func subject(_ expression: Expression) throws(Refused) -> String {
        guard let subject = try evaluation.text(expression) else {
            throw Refused(rule: "missing_subject", message: "The subject cannot be made: one of its columns is missing or empty.")
        }
        if protection.isErased(subject: subject) { throw .erased(piece: nil) }
        // A template that begins with its kind has a key behind it.
        if case .template(let parts) = expression, case .literal(let head)? = parts.first, subject.utf8.count <= 512,
            subject.utf8.count > head.utf8.count, head.utf8.last == UInt8(ascii: "/"), String(head.dropLast()).isKind
        {
            return subject
        }
        guard subject.utf8.count <= 512, let slash = subject.utf8.firstIndex(of: UInt8(ascii: "/")),
            subject.utf8.index(after: slash) < subject.utf8.endIndex, String(subject[..<slash]).isKind
        else {
            throw Refused(rule: "subject", message: "The subject must be <kind>/<key> of at most 512 bytes.")
        }
        return subject
    }

    private func quickPayload(_ plan: Plan) -> [UInt8]? {
        guard let quick = plan.quick else { return nil }
        var json: [UInt8] = []
        swap(&json, &self.json)
        defer { swap(&json, &self.json) }
        json.removeAll(keepingCapacity: true)
        // A copy of the right size: the memory is kept for the next payload.
        return quick.write(evaluation, to: &json) ? json.withUnsafeBytes { Array($0) } : nil
    }

    private func payload(_ members: [NamedExpression], contract: JSONSchema?, event: String) throws(Refused) -> [UInt8] {
        var built: [Member] = []
        built.reserveCapacity(members.count)
        for member in members {
            if let value = try evaluation.value(member.expression) { built.append(Member(name: member.name, value: value)) }
        }
        let object = Value.object(built)
        if let violation = contract?.violation(in: object) {
            throw Refused(rule: "contract", message: "\(event): \(violation)")
        }
        return JSONWriter.encode(object)
    }

    private func content(_ event: NewEvent) -> UInt64 {
        hasher.begin()
        hasher.addCounted(event.type)
        hasher.add(Int64(event.version))
        hasher.addCounted(event.subject)
        hasher.add(event.occurredAt?.microseconds ?? .min)
        hasher.add(event.payload)
        return max(1, hasher.finish().0)
    }
}

extension Refused {
    static let erasedRule = "erased"

    static func erased(piece: Int?) -> Refused {
        Refused(
            rule: erasedRule, message: "It is about a person who was erased, and is not told. `twinhub subject readmit` lets the person in again.", piece: piece)
    }
}
