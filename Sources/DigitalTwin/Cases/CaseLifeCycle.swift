/// The life cycle of a case 工单 as a state machine, drawn in this room's README.
///
/// A case is in the state of the last step that moved it. Sources skip steps, so to leave some out on the way forward is no fault. Every
/// other step is an anomaly: it is noted beside the case, and the case goes on.
struct CaseLifeCycle {
    /// What is wrong with a step where it stands.
    enum Anomaly: String, CaseIterable {
        /// A step of a case of which nobody told the receipt; said until one moves it.
        case neverReceived = "never_received"
        /// Another receipt, at another date: the first counts.
        case receivedAgain = "received_again"
        /// Dated before the case was received.
        case beforeReceived = "before_received"
        /// After the closing, and nobody reopened the case: it stays closed.
        case afterClosed = "after_closed"
        /// After the case went into another one: it stays there.
        case afterMerged = "after_merged"
        /// Reopened, though neither closed nor called back before.
        case reopenedUnclosed = "reopened_unclosed"
        /// The reporter was asked what he thinks of an answer that nobody gave: the state stays.
        case calledBackUnanswered = "called_back_unanswered"
        /// Any other step that does not follow from the state, such as one back.
        case outOfOrder = "out_of_order"

        /// Whether the step moves the case all the same.
        var moves: Bool {
            switch self {
            case .neverReceived, .beforeReceived, .reopenedUnclosed, .outOfOrder: true
            case .receivedAgain, .afterClosed, .afterMerged, .calledBackUnanswered: false
            }
        }
    }

    /// Steps that leave the state as it is.
    static let besides: Set = ["extended", "reminded", "escalated"]

    /// For each state the steps that may follow.
    static let follows: [String: Set<String>] = [
        "received": underWay.union(["accepted", "returned"]),
        "dispatched": underWay.union(["accepted", "returned"]),
        "accepted": underWay.union(["returned"]),
        "returned": besides.union(["dispatched", "closed", "merged"]),
        "contacted": underWay.union(["returned"]),
        "progressed": underWay.union(["returned"]),
        "shelved": underWay.union(["accepted", "called_back"]).subtracting(["shelved"]),
        "answered": besides.union(["dispatched", "progressed", "shelved", "answered", "closed", "called_back", "merged"]),
        "called_back": besides.union(["dispatched", "progressed", "shelved", "answered", "closed", "called_back", "reopened", "merged"]),
        "closed": ["called_back", "reopened", "merged"],
        "reopened": underWay.union(["accepted", "returned"]),
        "merged": ["reopened"],
    ]

    private static let underWay: Set<String> = besides.union(["dispatched", "contacted", "progressed", "shelved", "answered", "closed", "merged"])

    /// The same by numbers.
    private static let isNext = StepKinds.lifeCycle.map { state in StepKinds.lifeCycle.map { follows[state]?.contains($0) == true } }
    private static let leavesState = StepKinds.lifeCycle.map { besides.contains($0) }

    /// Number in `StepKinds`; nil before the first step.
    private(set) var state: Int32?

    init(state: Int32? = nil) { self.state = state }

    /// Takes the next step of a case, in the order of `CaseState`.
    /// - Returns: what is wrong with it, nil where it follows; and whether the case is moved by it.
    mutating func take(_ step: Int32) -> (anomaly: Anomaly?, moved: Bool) {
        let leaves = Self.leavesState[Int(step)]
        guard let state else {
            if !leaves { self.state = step }
            return (step == StepKinds.received ? nil : .neverReceived, !leaves)
        }
        let anomaly = Self.isNext[Int(state)][Int(step)] ? nil : anomaly(of: step, after: state)
        // A call-back leaves a closed case closed.
        let moved = !leaves && anomaly?.moves != false && !(state == StepKinds.closed && step == StepKinds.calledBack)
        if moved { self.state = step }
        return (anomaly, moved)
    }

    private func anomaly(of step: Int32, after state: Int32) -> Anomaly {
        if step == StepKinds.received { return .receivedAgain }
        if state == StepKinds.closed { return .afterClosed }
        if state == StepKinds.merged { return .afterMerged }
        if step == StepKinds.reopened { return .reopenedUnclosed }
        if step == StepKinds.calledBack { return .calledBackUnanswered }
        return .outOfOrder
    }
}
