/// What must hold whatever happens.
enum Invariant: String, CaseIterable {
    case everyRecordOnce = "every accepted record once"
    case positionsInOrder = "positions of a source in order"
    case noFactSkipped = "no reader skips a fact"
    case chainValid = "the chain of digests valid"
    case twinEqual = "the twin as rebuilt and as the reference folds it"
    case everyRunEnds = "every run ends, and ends well after the fault"
}

/// One of them does not hold.
struct Violation: CustomStringConvertible {
    let invariant: Invariant
    let message: String

    init(_ invariant: Invariant, _ message: String) {
        self.invariant = invariant
        self.message = message
    }

    var description: String { "[\(invariant.rawValue)] \(message)" }

    /// What does not fit the histories of a list's records; at most three of them.
    static func inHistories(_ histories: [String: RecordHistory], _ facts: [TellableFact], source: String, isConfirmed: Bool) -> [Violation] {
        let told = Dictionary(grouping: facts, by: \.subject)
        let unknown = told.keys.filter { histories[$0] == nil }.sorted().map { "never delivered: \($0)" }
        let wrong = histories.sorted { $0.key < $1.key }.compactMap { $0.value.objection(to: told[$0.key] ?? [], isConfirmed: isConfirmed) }
        return (unknown + wrong).prefix(3).map { Violation(.everyRecordOnce, "\(source): \($0)") }
    }
}
