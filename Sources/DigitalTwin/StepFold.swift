import PostgresClient
import Projections

/// What is held of the steps of cases: one row a case, step and date; of two tellings the later position wins.
final class StepFold {
    private var held = Held()
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

    /// Writes what is held, and the state of the cases that it changes; forgets it.
    func flush(on connection: Connection) throws {
        guard !held.isEmpty else { return }
        try merge(on: connection)
        try connection.execute(TwinSQL.temporary("stage_case_state", like: "case_state"))
        try CaseState.derive("SELECT DISTINCT case_id FROM stage_case_step", into: "stage_case_state", on: connection)
        try connection.execute(
            """
            INSERT INTO case_state SELECT * FROM stage_case_state ORDER BY case_id
            ON CONFLICT (case_id) DO UPDATE
            SET status = excluded.status, status_at = excluded.status_at, closed_at = excluded.closed_at, is_open = excluded.is_open
            """)
    }

    /// Writes what is held to tables that nobody reads yet, and forgets it.
    /// - Parameter isLast: whether nothing will follow.
    func fill(isLast: Bool) -> [Work] {
        guard !held.isEmpty else { return [] }
        guard !filledSteps.isKeyed else { return [Work { try self.merge(on: $0) }] }
        // Both works read it, neither changes it.
        let held = held, kinds = kinds
        self.held = Held()
        isInParts = !isLast
        let steps = Work { connection in
            try self.filledSteps.fill(on: connection) { try held.copySteps(into: "case_step", kinds, frozen: true, on: connection) }
        }
        guard isLast else { return [steps] }
        return [steps, Work { connection in
            try self.filledStates.fill(on: connection) { try held.copyStates(into: "case_state", kinds, on: connection) }
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

    private func merge(on connection: Connection) throws {
        try connection.execute(TwinSQL.temporary("stage_case_step", like: "case_step"))
        try held.copySteps(into: "stage_case_step", kinds, frozen: false, on: connection)
        held = Held()
        let names = StepFold.columns.joined(separator: ", ")
        try connection.execute(
            """
            INSERT INTO case_step (\(names)) SELECT \(names) FROM stage_case_step
            ON CONFLICT (case_id, step, step_at) DO UPDATE SET \(StepFold.columns.dropFirst(3).map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
             WHERE excluded.position > case_step.position
            """)
    }

    fileprivate static let columns = [
        "case_id", "step", "step_at", "effective_at", "position", "source_id", "handler", "department", "outcome", "solved", "satisfaction",
        "reason", "due_at",
    ]
}

/// Steps by case.
private struct Held {
    private struct Step {
        var told: CaseStep
        var payload: ArenaText
        /// The case's step before; -1 for none.
        var previous: Int32
    }

    private struct Case {
        var sourceID: Int32
        var last: Int32
    }

    private var keys = ByteTable()
    private var cases: [Case] = []
    private var steps: [Step] = []
    private var payloads = Arena()

    var isEmpty: Bool { steps.isEmpty }
    var bytes: Int { payloads.heldBytes + steps.count * MemoryLayout<Step>.stride + keys.heldBytes }

    mutating func take(_ id: UnsafeRawBufferPointer, _ kind: Int32, _ fact: Fact) {
        let index = keys.index(of: id)
        if index == cases.count { cases.append(Case(sourceID: fact.sourceID, last: -1)) }
        let told = CaseStep(kind: kind, isDated: fact.occurredAt != nil, effective_us: fact.effective_us, position: fact.position)
        var at = Int(cases[index].last)
        while at >= 0 {
            if steps[at].told.isSameStep(told) {
                steps[at].told = told
                payloads.replace(&steps[at].payload, with: fact.payload)
                return
            }
            at = Int(steps[at].previous)
        }
        steps.append(Step(told: told, payload: payloads.add(fact.payload), previous: cases[index].last))
        cases[index].last = Int32(steps.count - 1)
    }

    /// In the order of cases.
    func copySteps(into table: String, _ kinds: StepKinds, frozen: Bool, on connection: Connection) throws {
        try connection.copyRows(into: table, StepFold.columns, frozen: frozen) { rows, sent in
            for index in keys.sorted() {
                var at = Int(cases[index].last)
                while at >= 0 {
                    write(steps[at], of: index, kinds, into: &rows)
                    at = Int(steps[at].previous)
                }
                try sent(&rows)
            }
        }
    }

    /// In the order of cases; where all their steps are held.
    func copyStates(into table: String, _ kinds: StepKinds, on connection: Connection) throws {
        var told: [CaseStep] = []
        try connection.copyRows(into: table, CaseState.columns, frozen: true) { rows, sent in
            for index in keys.sorted() {
                told.removeAll(keepingCapacity: true)
                var at = Int(cases[index].last)
                while at >= 0 {
                    told.append(steps[at].told)
                    at = Int(steps[at].previous)
                }
                CaseState(&told)?.write(of: keys[index], kinds, into: &rows)
                try sent(&rows)
            }
        }
    }

    private func write(_ step: Step, of index: Int, _ kinds: StepKinds, into row: inout BinaryCopyWriter) {
        row.row(columns: Int16(StepFold.columns.count))
        row.data(keys[index])
        row.data(kinds.names[Int(step.told.kind)])
        row.momentOrNever(step.told.isDated ? step.told.effective_us : nil)
        row.momentOrNever(step.told.effective_us)
        row.int8(step.told.position)
        row.int4(cases[index].sourceID)
        payloads.withBytes(of: step.payload) { bytes in
            let payload = Payload(JSONView(bytes), source: [])
            row.text(payload["handler"])
            row.text(payload["department"])
            row.text(firstOf: payload["outcome"], payload["resolution"], payload["answer"])
            if let solved = payload["solved"], solved.kind == .bool { row.bool(solved.bytes.first == UInt8(ascii: "t")) } else { row.null() }
            row.text(payload["satisfaction"])
            row.text(firstOf: payload["reason"], payload["note"])
            row.timestamp(payload["due_at"]?.moment)
        }
    }
}
