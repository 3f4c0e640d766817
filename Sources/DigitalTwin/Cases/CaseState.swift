import PostgresClient
import Projections

extension CaseStep {
    /// Reads the cells step, whether it is dated, effective_at and position.
    init?(_ row: inout BinaryRow, _ kinds: inout StepKinds) {
        guard let name = row.cell(), let isDated = row.cell(), let effective = row.timestamp(), let position = row.int8() else { return nil }
        self.init(kind: kinds.number(of: name), isDated: isDated.first == 1, effective_us: effective.microseconds, position: position)
    }
}

/// Where a case stands, how it came there, and what of it does not fit.
///
/// Steps are taken in the order of their dates; the receipt first, also where a source dates it later. A step without a date comes
/// right after everything that was told before it, so that it beats neither what is told later nor, for its late telling, what happened
/// later. Of steps at one moment the order is that of `StepKinds`.
struct CaseState {
    /// A step, and which one it is of the case's.
    private struct Ranked {
        let step: CaseStep
        let moment_us: Int64

        func isBefore(_ other: Ranked) -> Bool {
            let isReceipt = step.kind == StepKinds.received
            if isReceipt != (other.step.kind == StepKinds.received) { return isReceipt }
            if moment_us != other.moment_us { return moment_us < other.moment_us }
            let undated = step.isDated ? 0 : step.position, otherUndated = other.step.isDated ? 0 : other.step.position
            if undated != otherUndated { return undated < otherUndated }
            return (step.kind, step.position) < (other.step.kind, other.step.position)
        }
    }

    /// A step that moved the case, or one that does not fit.
    struct Entry {
        let step: CaseStep
        /// Of what does not fit: the state before it.
        var after: Int32?
        var anomaly: CaseLifeCycle.Anomaly?
    }

    /// Number in `StepKinds`; nil where no step moved it.
    let status: Int32?
    let status_us: Int64?
    /// Nil where it is not closed, or closed without a date.
    let closed_us: Int64?
    let isOpen: Bool
    private(set) var stages: [Entry] = []
    private(set) var anomalies: [Entry] = []

    /// Nil where no step is one of the life cycle.
    /// - Parameter steps: in any order; brought into that of their positions.
    init?(_ steps: inout [CaseStep]) {
        let order = Self.order(&steps)
        guard !order.isEmpty else { return nil }
        let received_us = order.lazy.filter { $0.kind == StepKinds.received && $0.isDated }.map(\.effective_us).min()
        var cycle = CaseLifeCycle()
        for step in order {
            let before = cycle.state
            if let received_us, step.isDated, step.effective_us < received_us {
                anomalies.append(Entry(step: step, after: before, anomaly: .beforeReceived))
            }
            let (anomaly, moved) = cycle.take(step.kind)
            if let anomaly { anomalies.append(Entry(step: step, after: before, anomaly: anomaly)) }
            if moved { stages.append(Entry(step: step)) }
        }
        status = cycle.state
        status_us = stages.last?.step.effective_us
        isOpen = status != StepKinds.closed && status != StepKinds.merged
        let closing = stages.last { $0.step.kind == StepKinds.closed || $0.step.kind == StepKinds.reopened }?.step
        closed_us = closing.flatMap { $0.kind == StepKinds.closed && $0.isDated ? $0.effective_us : nil }
    }

    /// The steps of the life cycle, in the order in which they are taken.
    private static func order(_ steps: inout [CaseStep]) -> [CaseStep] {
        steps.sort { $0.position < $1.position }
        var dated_us = Int64.min
        var ranked: [Ranked] = []
        for step in steps where StepKinds.isKnown(step.kind) {
            if step.isDated, step.kind != StepKinds.received { dated_us = max(dated_us, step.effective_us) }
            ranked.append(Ranked(step: step, moment_us: step.isDated ? step.effective_us : dated_us))
        }
        return ranked.sorted { $0.isBefore($1) }.map(\.step)
    }
}

extension CaseState {
    static let columns = ["case_id", "status", "status_at", "closed_at", "is_open", "stages", "anomalies"]

    func write(of id: ArraySlice<UInt8>, _ kinds: StepKinds, into row: inout BinaryCopyWriter) {
        row.row(columns: Int16(Self.columns.count))
        row.data(id)
        if let status { row.data(kinds.names[Int(status)]) } else { row.null() }
        row.timestamp(status_us.map { Timestamp(microseconds: $0) })
        row.timestamp(closed_us.map { Timestamp(microseconds: $0) })
        row.bool(isOpen)
        row.data(Self.json(stages))
        if anomalies.isEmpty { row.null() } else { row.data(Self.json(anomalies)) }
    }

    /// An array of objects; moments in microseconds since 1970. Names need no escapes: they are ours.
    private static func json(_ entries: [Entry]) -> [UInt8] {
        var json = JSONBytes()
        json.add("[")
        for (place, entry) in entries.enumerated() {
            json.add(place == 0 ? "{\"step\":\"" : ",{\"step\":\"")
            json.add(StepKinds.lifeCycle[Int(entry.step.kind)])
            json.add("\",\"at\":")
            json.add(entry.step.effective_us)
            json.add(entry.step.isDated ? ",\"dated\":true,\"position\":" : ",\"dated\":false,\"position\":")
            json.add(entry.step.position)
            if let anomaly = entry.anomaly { json.add(",\"anomaly\":\"\(anomaly.rawValue)\"") }
            if let after = entry.after { json.add(",\"after\":\"\(StepKinds.lifeCycle[Int(after)])\"") }
            json.add("}")
        }
        json.add("]")
        return json.bytes
    }

    /// JSON that is put together byte by byte: a rebuild writes one or two for each case.
    private struct JSONBytes {
        private(set) var bytes: [UInt8] = []

        mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

        mutating func add(_ number: Int64) {
            if number < 0 { bytes.append(UInt8(ascii: "-")) }
            let start = bytes.count
            var rest = number.magnitude
            repeat {
                bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            } while rest > 0
            bytes[start...].reverse()
        }
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
