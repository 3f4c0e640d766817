@testable import TwinReference

/// A fact by what it says: no position, no moment of recording.
struct TellableFact: Hashable, CustomStringConvertible {
    var type: String
    var subject: String
    /// Microseconds since 1970.
    var occurred: Int64?
    var payload: String

    init(_ type: String, _ subject: String, at occurred: Int64? = nil, _ payload: [String: Plain] = [:]) {
        self.type = type
        self.subject = subject
        self.occurred = occurred
        self.payload = Plain.object(payload).json
    }

    init(_ fact: PlainFact) {
        self.init(fact.type, fact.subject, at: fact.occurred, fact.payload)
    }

    var description: String { "\(type) \(subject) \(payload.prefix(60))" }
}

/// The states in which the inputs held one record of a full list, in their order: what the log says of it is a way through them.
struct RecordHistory {
    /// What stands for the record in one state: for each fact of the manifest the fact, or nil where it does not hold.
    typealias State = [TellableFact?]

    let removal: TellableFact
    /// What tells that the fact of this place no longer holds.
    let undone: [TellableFact?]
    /// nil: not in the list.
    private(set) var states: [State?] = [nil]

    init(removal: TellableFact, undone: [TellableFact?]) {
        self.removal = removal
        self.undone = undone
    }

    mutating func append(_ state: State?) {
        if state != states[states.count - 1] { states.append(state) }
    }

    /// What a pull tells that finds the one state where the last one found the other.
    private func told(from old: State?, to new: State?) -> [TellableFact] {
        guard let new else { return old == nil ? [] : [removal] }
        return new.indices.compactMap { place in
            let before = old.flatMap { $0[place] }
            return before == new[place] ? nil : new[place] ?? undone[place]
        }
    }

    /// Why the facts cannot have been told by pulls that each found a state or a later one, and ended with the last batch of them;
    /// nil where they can.
    /// - Parameter isConfirmed: whether a pull of the last state has said that it is complete.
    func objection(to facts: [TellableFact], isConfirmed: Bool) -> String? {
        var visited: Set<[Int]> = []
        var farthest = 0
        func explains(from state: Int, after count: Int) -> Bool {
            farthest = max(farthest, count)
            if count == facts.count, !isConfirmed || states[state] == states[states.count - 1] { return true }
            guard visited.insert([state, count]).inserted else { return false }
            return (state + 1..<states.count).contains { next in
                let told = told(from: states[state], to: states[next])
                return !told.isEmpty && facts.dropFirst(count).starts(with: told) && explains(from: next, after: count + told.count)
            }
        }
        if explains(from: 0, after: 0) { return nil }
        if farthest < facts.count { return "told twice, out of turn, or never delivered: \(facts[farthest])" }
        return "the last state of \(removal.subject) was read, and is not in the log"
    }
}
