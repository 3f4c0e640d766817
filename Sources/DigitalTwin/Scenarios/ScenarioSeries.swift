/// One scenario on one sensor: from reading to reading, whether an alert stands.
///
/// A value that depends on the readings alone and the order in which they were told: where batches end, and restarts, change nothing.
struct ScenarioSeries {
    /// An alert that begins or ends.
    struct Signal: Equatable {
        let isRaised: Bool
        let at_us: Int64
        let value: Double?
        /// Position of the fact that raised the alert: its key.
        let raisedBy: Int64
        /// Position of the fact that completed the condition, or ended it.
        let causedBy: Int64
    }

    private struct Reading {
        let at_us: Int64
        let value: Double
    }

    private let scenario: Scenario
    private(set) var last_us = Int64.min
    private var holdsSince_us: Int64?
    private var clearSince_us: Int64?
    private var raisedBy: Int64?
    /// Of `drop` and `rise` the readings of the window; of `unusual` the last reading of each hour.
    private var window: [Reading] = []

    var isRaised: Bool { raisedBy != nil }

    init(_ scenario: Scenario) { self.scenario = scenario }

    /// - Returns: what begins or ends with this reading; a reading that is not newer than the last one says nothing.
    mutating func take(_ value: Double, at at_us: Int64, position: Int64) -> Signal? {
        guard at_us > last_us else { return nil }
        last_us = at_us
        if scenario.condition.kind == .silence {
            // It speaks again.
            return raisedBy.map { raised in
                raisedBy = nil
                return Signal(isRaised: false, at_us: at_us, value: value, raisedBy: raised, causedBy: position)
            }
        }
        return decide(holds(value, at_us), value, at_us, position)
    }

    /// Of `silence`: others of its source have come so far.
    mutating func wait(until now_us: Int64, position: Int64) -> Signal? {
        guard scenario.condition.kind == .silence, raisedBy == nil, last_us > Int64.min,
            Double(now_us - last_us) >= (scenario.condition.for_minutes ?? 0) * Self.minute_us, scenario.quiet?.covers(now_us) != true
        else { return nil }
        raisedBy = position
        return Signal(isRaised: true, at_us: now_us, value: nil, raisedBy: position, causedBy: position)
    }

    private static let minute_us = 60_000_000.0

    private mutating func decide(_ holds: Bool?, _ value: Double, _ at_us: Int64, _ position: Int64) -> Signal? {
        func isLongEnough(_ since_us: Int64, _ minutes: Double?) -> Bool { Double(at_us - since_us) >= (minutes ?? 0) * Self.minute_us }
        if let raised = raisedBy {
            guard holds == false else {
                clearSince_us = nil
                return nil
            }
            let since = clearSince_us ?? at_us
            clearSince_us = since
            guard isLongEnough(since, scenario.clear?.for_minutes) else { return nil }
            (raisedBy, clearSince_us, holdsSince_us) = (nil, nil, nil)
            return Signal(isRaised: false, at_us: at_us, value: value, raisedBy: raised, causedBy: position)
        }
        guard holds == true else {
            holdsSince_us = nil
            return nil
        }
        let since = holdsSince_us ?? at_us
        holdsSince_us = since
        guard isLongEnough(since, scenario.condition.for_minutes), scenario.quiet?.covers(at_us) != true else { return nil }
        raisedBy = position
        return Signal(isRaised: true, at_us: at_us, value: value, raisedBy: position, causedBy: position)
    }

    /// Whether the condition holds; nil between the condition's value and that of its clearing, or where nothing can be said yet.
    private mutating func holds(_ value: Double, _ at_us: Int64) -> Bool? {
        let limit = scenario.condition.value ?? 0, back = scenario.clear?.value ?? limit
        switch scenario.condition.kind {
        case .above: return value >= limit ? true : value < back || back == limit ? false : nil
        case .below: return value <= limit ? true : value > back || back == limit ? false : nil
        case .drop, .rise:
            let from_us = at_us - Int64((scenario.condition.within_minutes ?? 0) * Self.minute_us)
            window.removeAll { $0.at_us < from_us }
            window.append(Reading(at_us: at_us, value: value))
            let values = window.map(\.value)
            return scenario.condition.kind == .drop ? (values.max() ?? value) - value >= limit : value - (values.min() ?? value) >= limit
        case .unusual: return isUnusual(value, at_us, limit)
        case .silence: return nil
        }
    }

    /// Compared with the same hour of the days before. What is itself unusual does not become the measure.
    private mutating func isUnusual(_ value: Double, _ at_us: Int64, _ limit: Double) -> Bool? {
        let hour_us: Int64 = 3_600_000_000
        let first_us = at_us - Int64(scenario.condition.days ?? 0) * 24 * hour_us
        window.removeAll { $0.at_us < first_us }
        let hour = (at_us / hour_us) % 24
        let before = window.filter { ($0.at_us / hour_us) % 24 == hour && $0.at_us / hour_us != at_us / hour_us }.map(\.value).sorted()
        let isNew = window.last.map { $0.at_us / hour_us != at_us / hour_us } ?? true
        defer { if isNew { window.append(Reading(at_us: at_us, value: value)) } }
        guard before.count >= 3 else { return nil }
        let middle = Self.median(before)
        let spread = Self.median(before.map { abs($0 - middle) }.sorted())
        // 1.4826 makes the median absolute deviation that of a normal distribution; a twentieth of the usual value is never unusual.
        let unit = max(1.4826 * spread, abs(middle) / 20 / limit, 1e-9)
        return abs(value - middle) > limit * unit
    }

    private static func median(_ sorted: [Double]) -> Double {
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}
