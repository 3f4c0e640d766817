import PostgresClient
import Projections

/// A batch's steps on their way into tables that are read.
///
/// What the table knows of the batch's cases is read first. Of a case that it does not know the steps and the state are plain new rows;
/// the others are merged.
final class StagedSteps {
    private let held: HeldSteps
    private let kinds: StepKinds
    private let order: [Int]
    /// A group for each case, in the order of ids.
    private let rows = EncodedRows(StepFold.columns)

    init(_ held: HeldSteps, _ kinds: StepKinds) {
        (self.held, self.kinds) = (held, kinds)
        order = held.sorted()
        for number in order { rows.addGroup { held.write(stepsOf: number, kinds, into: &$0) } }
    }

    /// Writes steps and states; after the claims of the cases were staged, and each row is looked up by its key.
    func merge(on connection: Connection) throws {
        let known = try known(on: connection)
        let isKnown = { (group: Int) in known[self.order[group]] != nil }
        try rows.copy(into: "case_step", on: connection) { !isKnown($0) }
        let states = states(known)
        try states.copy(into: "case_state", on: connection) { !isKnown($0) }
        guard !known.isEmpty else { return }
        try mergeSteps(on: connection, where: isKnown)
        try connection.execute(TwinSQL.temporary("stage_case_state", like: "case_state"))
        try states.copy(into: "stage_case_state", on: connection, where: isKnown)
        try connection.execute(
            """
            MERGE INTO case_state c USING \(TwinSQL.arrived(in: "stage_case_state")) s ON c.case_id = s.case_id
            WHEN MATCHED THEN UPDATE SET \(CaseState.columns.dropFirst().map { "\($0) = s.\($0)" }.joined(separator: ", "))
            WHEN NOT MATCHED THEN INSERT (\(CaseState.columns.joined(separator: ", "))) VALUES (\(CaseState.columns.map { "s.\($0)" }.joined(separator: ", ")))
            """)
    }

    /// Writes steps alone: of two tellings the later position wins.
    func mergeSteps(on connection: Connection, where isSent: (Int) -> Bool = { _ in true }) throws {
        try connection.execute(TwinSQL.temporary("stage_case_step", like: "case_step"))
        try rows.copy(into: "stage_case_step", on: connection, where: isSent)
        try connection.execute(
            """
            MERGE INTO case_step c USING \(TwinSQL.arrived(in: "stage_case_step")) s ON c.case_id = s.case_id AND c.step = s.step AND c.step_at = s.step_at
            WHEN MATCHED AND s.position > c.position THEN
                UPDATE SET \(StepFold.columns.dropFirst(3).map { "\($0) = s.\($0)" }.joined(separator: ", "))
            WHEN NOT MATCHED THEN
                INSERT (\(StepFold.columns.joined(separator: ", "))) VALUES (\(StepFold.columns.map { "s.\($0)" }.joined(separator: ", ")))
            """)
    }

    /// What the table knows of the batch's cases, by their numbers.
    private func known(on connection: Connection) throws -> [Int: [CaseStep]] {
        var kinds = kinds
        var known: [Int: [CaseStep]] = [:]
        // Whatever tells a step of a case tells the case, so its claim is staged.
        try connection.copyOut(
            """
            COPY (SELECT s.case_id, s.step, s.step_at > '-infinity', s.effective_at, s.position
                    FROM \(TwinSQL.arrived(in: ClaimKind.caseKind.stage)) c JOIN case_step s ON s.case_id = c.id) TO STDOUT (FORMAT binary)
            """
        ) { message in
            var row = BinaryRow(message)
            guard let id = row.cell(), let step = CaseStep(&row, &kinds), let number = held.number(of: id) else { return }
            known[number, default: []].append(step)
        }
        return known
    }

    /// The states, a group for each case.
    private func states(_ known: [Int: [CaseStep]]) -> EncodedRows {
        let states = EncodedRows(CaseState.columns)
        var told: [CaseStep] = []
        for number in order {
            told.removeAll(keepingCapacity: true)
            held.steps(of: number, into: &told)
            for step in known[number] ?? [] {
                guard let again = told.firstIndex(where: { $0.isSameStep(step) }) else { told.append(step); continue }
                if told[again].position < step.position { told[again] = step }
            }
            let state = CaseState(&told)
            states.addGroup { state?.write(of: held.id(number), kinds, into: &$0) }
        }
        return states
    }
}
