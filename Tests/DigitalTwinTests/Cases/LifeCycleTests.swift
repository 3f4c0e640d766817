import EventLog
import Foundation
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections
@testable import TwinReference

/// The life cycle of cases: what its README draws, and that neither the order of arrival nor repetition changes a case.
@Suite struct LifeCycleTests {
    /// The README's table: by state, for each step what it says of it.
    private static func drawn() throws -> (steps: [String], rows: [(state: String, cells: [String])]) {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Sources/DigitalTwin/Cases/README.md").path
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        func cells(_ line: Substring) -> [String] { line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        let head = try #require(lines.firstIndex { $0.hasPrefix("| state |") })
        let rows = lines[(head + 2)...].prefix { $0.hasPrefix("|") }.map(cells)
        return (Array(cells(lines[head]).dropFirst()), rows.map { ($0[0], Array($0.dropFirst())) })
    }

    /// By their numbers in the README.
    private static let anomalies: [String: CaseLifeCycle.Anomaly] = [
        "1": .neverReceived, "2": .receivedAgain, "3": .beforeReceived, "4": .afterClosed, "5": .afterMerged, "6": .reopenedUnclosed,
        "7": .calledBackUnanswered, "8": .outOfOrder,
    ]

    private static func number(_ step: String) -> Int32? { StepKinds.lifeCycle.firstIndex(of: step).map(Int32.init) }

    @Test func theReadmeDrawsTheMachine() throws {
        let (steps, rows) = try Self.drawn()
        #expect(steps == StepKinds.lifeCycle)
        #expect(rows.map(\.state) == ["none"] + StepKinds.lifeCycle.filter { !CaseLifeCycle.besides.contains($0) })
        for row in rows {
            for (step, cell) in zip(steps, row.cells) {
                var cycle = CaseLifeCycle(state: Self.number(row.state))
                let taken = cycle.take(try #require(Self.number(step)))
                #expect(taken.anomaly == Self.anomalies[cell] && (cell == "·") == (taken.anomaly == nil), "\(row.state), \(step)")
            }
        }
        #expect(Set(Self.anomalies.values) == Set(CaseLifeCycle.Anomaly.allCases))
    }

    /// A way into each state by steps that follow.
    private static let ways: [String: [String]] = [
        "none": [], "received": ["received"], "dispatched": ["received", "dispatched"], "accepted": ["received", "dispatched", "accepted"],
        "returned": ["received", "dispatched", "returned"], "contacted": ["received", "accepted", "contacted"],
        "progressed": ["received", "contacted", "progressed"], "shelved": ["received", "dispatched", "shelved"],
        "answered": ["received", "contacted", "answered"], "closed": ["received", "answered", "closed"],
        "called_back": ["received", "answered", "called_back"], "reopened": ["received", "closed", "reopened"], "merged": ["received", "dispatched", "merged"],
    ]

    /// Every transition, legal or not, with its facts arriving in every order, and each of them twice.
    @Test func everyTransitionInEveryOrderOfArrival() throws {
        let (steps, rows) = try Self.drawn()
        for row in rows {
            let way = try #require(Self.ways[row.state])
            for (step, cell) in zip(steps, row.cells) {
                let told = (way + [step]).enumerated().map { Told(step: $1, at: Int64($0 + 1) * 1_000_000) }
                let expected = Self.view(told)
                #expect(Set(expected.anomalies.map(\.0)).contains(cell) || cell == "·", "\(row.state), \(step): \(expected)")
                #expect(cell != "·" || expected.anomalies.isEmpty, "\(row.state), \(step): \(expected)")
                for order in Self.permutations(told) {
                    #expect(Self.view(order) == expected, "\(row.state), \(step): \(order.map(\.step))")
                    for again in order { #expect(Self.view(order + [again]) == expected, "\(row.state), \(step): \(again.step) twice") }
                    #expect(Self.view(order + order.reversed()) == expected)
                }
            }
        }
    }

    /// The reference fold, which shares no code with the machine, says the same of every transition.
    @Test func everyTransitionStandsInTheReference() throws {
        let (steps, rows) = try Self.drawn()
        for row in rows {
            let way = try #require(Self.ways[row.state])
            for step in steps {
                let told = (way + [step]).enumerated().map { Told(step: $1, at: Int64($0 + 1) * 1_000_000) }
                let facts = told.enumerated().map {
                    PlainFact(position: Int64($0 + 1), source: 1, type: "case.\($1.step)", subject: "case/1", occurred: $1.at)
                }
                let reference = ReferenceFold(facts: facts, names: [1: "hotline"]).rows()
                let amiss = reference.filter { $0.hasPrefix("case_anomaly|") }.map { $0.split(separator: "|").dropFirst(2).prefix(2).joined(separator: " ") }
                let expected = Self.view(told)
                #expect(
                    amiss.sorted() == expected.anomalies.map { "\(Self.anomalies[$0.0]?.rawValue ?? "?") \(StepKinds.lifeCycle[Int($0.1)])" }.sorted(),
                    "\(row.state), \(step)")
                let state = expected.status.map { StepKinds.lifeCycle[Int($0)] } ?? "∅"
                #expect(reference.contains { $0.hasPrefix("case|hotline:1|") && $0.split(separator: "|")[4] == state }, "\(row.state), \(step): \(state)")
            }
        }
    }

    /// Any facts with dates, in any order of arrival, some of them told again: the same case.
    @Test(arguments: 0..<300) func anyOrderOfArrivalGivesTheSameCase(_ seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var told: [Told] = []
        for _ in 0..<(1 + random.below(12)) {
            let one = Told(step: random.pick(StepKinds.lifeCycle), at: Int64(random.below(8)) * 1_000_000)
            if !told.contains(one) { told.append(one) }
        }
        let expected = Self.view(told)
        for _ in 0..<20 {
            var arrival = told + told.filter { _ in random.chance(30) }
            arrival.shuffle(using: &random)
            #expect(Self.view(arrival) == expected, "seed \(seed): \(arrival)")
        }
    }

    private struct Told: Equatable {
        let step: String
        /// Microseconds since 1970.
        let at: Int64
    }

    /// What is to be the same: all but positions.
    private struct View: Equatable {
        var status: Int32?
        var status_us, closed_us: Int64?
        var isOpen = true
        var stages: [Int64] = []
        /// Number in the README, step, date, state before.
        var anomalies: [(String, Int32, Int64, Int32?)] = []

        static func == (a: View, b: View) -> Bool {
            (a.status, a.status_us, a.closed_us, a.isOpen) == (b.status, b.status_us, b.closed_us, b.isOpen) && a.stages == b.stages
                && a.anomalies.elementsEqual(b.anomalies) { $0 == $1 }
        }
    }

    /// The case as it is when the facts arrive in this order.
    private static func view(_ arrival: [Told]) -> View {
        var held = HeldSteps(), kinds = StepKinds()
        for (position, told) in arrival.enumerated() {
            Array("hotline:1".utf8).withUnsafeBytes { id in
                Array("{}".utf8).withUnsafeBytes { payload in
                    held.take(id, kinds.number(of: told.step.utf8), Fact(
                        position: Int64(position + 1), sourceID: 1, typeID: 1, subject: id, occurredAt: Timestamp(microseconds: told.at),
                        recordedAt: Timestamp(microseconds: 0), payload: payload))
                }
            }
        }
        var steps: [CaseStep] = []
        held.steps(of: 0, into: &steps)
        guard let state = CaseState(&steps) else { return View() }
        return View(
            status: state.status, status_us: state.status_us, closed_us: state.closed_us, isOpen: state.isOpen,
            stages: state.stages.flatMap { [Int64($0.step.kind), $0.step.effective_us] },
            anomalies: state.anomalies.map { entry in
                (anomalies.first { $0.value == entry.anomaly }?.key ?? "?", entry.step.kind, entry.step.effective_us, entry.after)
            })
    }

    private static func permutations<T>(_ list: [T]) -> [[T]] {
        guard list.count > 1 else { return [list] }
        return list.indices.flatMap { at -> [[T]] in
            var rest = list
            let first = rest.remove(at: at)
            return permutations(rest).map { [first] + $0 }
        }
    }
}
