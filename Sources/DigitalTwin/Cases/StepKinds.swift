/// The steps of cases by number: first those of the life cycle, then whatever else is told.
struct StepKinds {
    /// UTF-8.
    private(set) var names = Self.lifeCycle.map { Array($0.utf8) }

    /// In the order in which steps of one and the same moment are taken: sources often know the day alone.
    static let lifeCycle = [
        "received", "dispatched", "accepted", "returned", "contacted", "progressed", "shelved", "extended", "reminded", "escalated", "answered",
        "closed", "called_back", "reopened", "merged",
    ]

    static let received: Int32 = 0
    static let closed: Int32 = 11
    static let calledBack: Int32 = 12
    static let reopened: Int32 = 13
    static let merged: Int32 = 14

    /// Whether a step belongs to the life cycle.
    static func isKnown(_ kind: Int32) -> Bool { kind < lifeCycle.count }

    mutating func number(of name: some Collection<UInt8>) -> Int32 {
        if let known = names.firstIndex(where: { $0.elementsEqual(name) }) { return Int32(known) }
        names.append(Array(name))
        return Int32(names.count - 1)
    }
}

/// What of a step decides its case's state.
struct CaseStep {
    /// Number in `StepKinds`.
    let kind: Int32
    let isDated: Bool
    /// Its date, else when it was recorded.
    let effective_us: Int64
    let position: Int64

    /// Whether both are tellings of the same step.
    func isSameStep(_ other: CaseStep) -> Bool {
        kind == other.kind && isDated == other.isDated && (!isDated || effective_us == other.effective_us)
    }
}
