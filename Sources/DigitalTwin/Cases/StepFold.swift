import EventLog
import PostgresClient
import Projections

/// What is held of the steps of cases: one row a case, step and date; of two tellings the later position wins.
final class StepFold {
    private var held = HeldSteps()
    private(set) var kinds = StepKinds()
    private var filledSteps = FilledTable("case_step", key: "case_id, step, step_at")
    private var filledStates = FilledTable("case_state", key: "case_id")
    /// Whether a rebuild wrote steps in several parts: then no part knows a case's state.
    private var isInParts = false

    var heldBytes: Int { held.bytes }

    func number(of name: some Collection<UInt8>) -> Int32 { kinds.number(of: name) }

    /// - Parameters:
    ///   - id: of the case.
    ///   - kind: number of the step.
    func take(_ id: UnsafeRawBufferPointer, _ kind: Int32, _ fact: Fact) { held.take(id, kind, fact) }

    /// Takes what is held, ready to be merged together with the state of the cases that it changes, and forgets it.
    func stage() -> Work {
        guard !held.isEmpty else { return Work { _ in } }
        let steps = StagedSteps(held, kinds)
        held = HeldSteps()
        return Work { try steps.merge(on: $0) }
    }

    /// Writes what is held to tables that nobody reads yet, and forgets it.
    /// - Parameter isLast: whether nothing will follow.
    func fill(isLast: Bool) -> [Work] {
        guard !held.isEmpty else { return [] }
        guard !filledSteps.isKeyed else { return [mergeOfPart()] }
        // Both works read it, neither changes it.
        let held = held, kinds = kinds, order = held.sorted()
        self.held = HeldSteps()
        isInParts = !isLast
        let steps = Work { connection in
            try self.filledSteps.fill(on: connection) {
                try connection.copyRows(into: "case_step", Self.columns, frozen: true) { rows, sent in
                    for number in order {
                        held.write(stepsOf: number, kinds, into: &rows)
                        try sent(&rows)
                    }
                }
            }
        }
        guard isLast else { return [steps] }
        return [steps, Work { connection in
            try self.filledStates.fill(on: connection) {
                var told: [CaseStep] = []
                try connection.copyRows(into: "case_state", CaseState.columns, frozen: true) { rows, sent in
                    for number in order {
                        told.removeAll(keepingCapacity: true)
                        held.steps(of: number, into: &told)
                        CaseState(&told)?.write(of: held.id(number), kinds, into: &rows)
                        try sent(&rows)
                    }
                }
            }
        }]
    }

    /// Of a rebuild, at its end: the states that no part knew, and what the tables lack still.
    func finish(on connection: Connection) throws {
        if isInParts {
            try filledStates.fill(on: connection) { try CaseState.derive("SELECT DISTINCT case_id FROM case_step", into: "case_state", on: connection) }
        }
        try filledSteps.finish(on: connection)
        try filledStates.finish(on: connection)
    }

    /// Of a rebuild whose memory did not hold everything.
    private func mergeOfPart() -> Work {
        let steps = StagedSteps(held, kinds)
        held = HeldSteps()
        return Work { try steps.mergeSteps(on: $0) }
    }

    static let columns = [
        "case_id", "step", "step_at", "effective_at", "position", "source_id", "handler", "department", "outcome", "solved", "satisfaction",
        "reason", "due_at", "reached", "level", "merged_into",
    ]
}
