import EventLog
import PostgresClient
import Projections

/// Steps by case, in memory.
struct HeldSteps {
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

    /// The numbers of the cases, in the order of their ids.
    func sorted() -> [Int] { keys.sorted() }
    /// A case's number; nil where no step of it is held.
    func number(of id: UnsafeRawBufferPointer) -> Int? { keys.find(id) }
    func id(_ number: Int) -> ArraySlice<UInt8> { keys[number] }

    /// Adds a case's steps to a list, the last told first.
    func steps(of number: Int, into told: inout [CaseStep]) {
        var at = Int(cases[number].last)
        while at >= 0 {
            told.append(steps[at].told)
            at = Int(steps[at].previous)
        }
    }

    /// Writes the rows of a case's steps.
    func write(stepsOf number: Int, _ kinds: StepKinds, into rows: inout BinaryCopyWriter) {
        var at = Int(cases[number].last)
        while at >= 0 {
            write(steps[at], of: number, kinds, into: &rows)
            at = Int(steps[at].previous)
        }
    }

    private func write(_ step: Step, of number: Int, _ kinds: StepKinds, into row: inout BinaryCopyWriter) {
        keys[number].withUnsafeBytes { id in
            payloads.withBytes(of: step.payload) { step.told.write(of: id, sourceID: cases[number].sourceID, payload: $0, kinds, into: &row) }
        }
    }
}

extension CaseStep {
    /// Writes the step's row.
    func write(of id: UnsafeRawBufferPointer, sourceID: Int32, payload bytes: UnsafeRawBufferPointer, _ kinds: StepKinds, into row: inout BinaryCopyWriter) {
        row.row(columns: Int16(StepFold.columns.count))
        row.data(id)
        row.data(kinds.names[Int(kind)])
        row.momentOrNever(isDated ? effective_us : nil)
        row.momentOrNever(effective_us)
        row.int8(position)
        row.int4(sourceID)
        let payload = Payload(JSONView(bytes), source: [])
        row.text(payload["handler"])
        row.text(payload["department"])
        row.text(firstOf: payload["outcome"], payload["resolution"], payload["answer"])
        row.flag(payload["solved"])
        row.text(payload["satisfaction"])
        row.text(firstOf: payload["reason"], payload["note"])
        row.timestamp(payload["due_at"]?.moment)
        row.flag(payload["reached"])
        row.text(payload["level"])
        row.text(payload["into"])
    }
}

extension BinaryCopyWriter {
    /// True or false; null for anything else.
    fileprivate mutating func flag(_ value: JSONView?) {
        if let value, value.kind == .bool { bool(value.bytes.first == UInt8(ascii: "t")) } else { null() }
    }
}
