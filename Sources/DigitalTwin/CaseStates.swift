import PostgresClient
import Projections

/// The steps of cases by number: first those that move a case, in the order of its way, then whatever else is told.
struct StepKinds {
    /// UTF-8.
    private(set) var names = Self.way.map { Array($0.utf8) }

    private static let way = [
        "received", "dispatched", "accepted", "returned", "contacted", "progressed", "answered", "called_back", "closed", "reopened", "shelved",
        "merged",
    ]

    static let received: Int32 = 0
    static let calledBack: Int32 = 7
    static let closed: Int32 = 8
    static let reopened: Int32 = 9
    static let merged: Int32 = 11

    /// Whether a step moves its case.
    static func moves(_ kind: Int32) -> Bool { kind < way.count }

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

extension CaseStep {
    /// Reads the cells step, whether it is dated, effective_at and position.
    init?(_ row: inout BinaryRow, _ kinds: inout StepKinds) {
        guard let name = row.cell(), let isDated = row.cell(), let effective = row.timestamp(), let position = row.int8() else { return nil }
        self.init(kind: kinds.number(of: name), isDated: isDated.first == 1, effective_us: effective.microseconds, position: position)
    }
}

/// Where a case stands.
///
/// Its status is its latest step; its receipt comes before all others, also where a source dates it later, and a call-back leaves
/// a closed case closed. A step without a date comes right after everything that was told before it, so that it beats neither what
/// is told later nor, for its late telling, what happened later. Of steps at one moment the furthest on a case's way counts.
struct CaseState {
    /// Number in `StepKinds`.
    let status: Int32
    let status_us: Int64
    /// Nil where it is not closed, or closed without a date.
    let closed_us: Int64?
    let isOpen: Bool

    private struct Ranked {
        let step: CaseStep
        let moment_us: Int64

        func isLater(than other: Ranked?) -> Bool {
            guard let other else { return true }
            let isReceipt = step.kind == StepKinds.received
            if isReceipt != (other.step.kind == StepKinds.received) { return !isReceipt }
            if moment_us != other.moment_us { return moment_us > other.moment_us }
            let undated = step.isDated ? 0 : step.position, otherUndated = other.step.isDated ? 0 : other.step.position
            if undated != otherUndated { return undated > otherUndated }
            return (step.kind, step.position) > (other.step.kind, other.step.position)
        }
    }

    /// Nil where no step moves the case.
    /// - Parameter steps: in any order; brought into that of their positions.
    init?(_ steps: inout [CaseStep]) {
        steps.sort { $0.position < $1.position }
        var latest: Ranked?, beforeCall: Ranked?, closing: Ranked?
        var dated_us = Int64.min
        for step in steps where StepKinds.moves(step.kind) {
            if step.isDated, step.kind != StepKinds.received { dated_us = max(dated_us, step.effective_us) }
            let ranked = Ranked(step: step, moment_us: step.isDated ? step.effective_us : dated_us)
            if ranked.isLater(than: latest) { latest = ranked }
            if step.kind != StepKinds.calledBack, ranked.isLater(than: beforeCall) { beforeCall = ranked }
            if step.kind == StepKinds.closed || step.kind == StepKinds.reopened, ranked.isLater(than: closing) { closing = ranked }
        }
        guard let latest else { return nil }
        let last = (beforeCall?.step.kind == StepKinds.closed ? beforeCall ?? latest : latest).step
        let isClosed = closing?.step.kind == StepKinds.closed
        status = last.kind
        status_us = last.effective_us
        closed_us = isClosed ? closing.flatMap { $0.step.isDated ? $0.step.effective_us : nil } : nil
        isOpen = !isClosed && status != StepKinds.merged
    }
}

extension CaseState {
    static let columns = ["case_id", "status", "status_at", "closed_at", "is_open"]

    func write(of id: ArraySlice<UInt8>, _ kinds: StepKinds, into row: inout BinaryCopyWriter) {
        row.row(columns: 5)
        row.data(id)
        row.data(kinds.names[Int(status)])
        row.timestamp(Timestamp(microseconds: status_us))
        row.timestamp(closed_us.map { Timestamp(microseconds: $0) })
        row.bool(isOpen)
    }

    /// Derives the states of cases whose steps stand in the table.
    /// - Parameters:
    ///   - cases: a statement that gives their ids.
    ///   - table: where the states go.
    static func derive(_ cases: String, into table: String, on connection: Connection) throws {
        var kinds = StepKinds()
        var states: [(id: ArraySlice<UInt8>, state: CaseState)] = []
        var id: [UInt8] = []
        var steps: [CaseStep] = []
        func close() {
            if let state = CaseState(&steps) { states.append((id[...], state)) }
            steps.removeAll(keepingCapacity: true)
        }
        try connection.copyOut(
            """
            COPY (SELECT s.case_id, s.step, s.step_at > '-infinity', s.effective_at, s.position
                    FROM (\(cases)) c JOIN case_step s USING (case_id) ORDER BY s.case_id) TO STDOUT (FORMAT binary)
            """
        ) { message in
            var row = BinaryRow(message)
            guard let found = row.cell(), let step = CaseStep(&row, &kinds) else { return }
            if !id.elementsEqual(found) {
                close()
                id = Array(found)
            }
            steps.append(step)
        }
        close()
        try connection.copyRows(into: table, columns) { rows, sent in
            for (id, state) in states {
                state.write(of: id, kinds, into: &rows)
                try sent(&rows)
            }
        }
    }
}
