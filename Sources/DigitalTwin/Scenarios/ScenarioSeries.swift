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
        var reason: String?
    }

    struct Reading: Equatable {
        let at_us: Int64
        let value: Double
    }

    /// What is usual in an hour of the day, by the days before: it stays while the hour lasts.
    private struct Usual {
        let hour: Int64
        /// Nil where there are too few days.
        let middle: Double?
        let unit: Double
    }

    private(set) var last_us = Int64.min
    private var holdsSince_us: Int64?
    private var clearSince_us: Int64?
    private(set) var raisedBy: Int64?
    /// Of `drop` the readings of the window that a later one does not exceed, of `rise` those that none undercuts: the first is the extreme.
    /// Of `unusual` the first reading of each hour.
    private var window: [Reading] = []
    /// Where the window begins: what lies before has left it.
    private var first = 0
    private var usual: Usual?

    init() {}

    var isRaised: Bool { raisedBy != nil }

    /// Position of the fact that raised last: not kept, since states are kept between facts.
    private var lastRaise: Int64?

    /// An alert raised up to a position is none of this rule's: it was not in force yet.
    mutating func forgetAlert(upTo since: Int64 = .max) {
        if let raisedBy, raisedBy <= since { (self.raisedBy, clearSince_us) = (nil, nil) }
    }

    /// - Parameter applies: whether what the rule asks of the sensor's place is so; nothing holds where it is not.
    /// - Returns: what begins or ends with this reading; a reading that is not newer than the last one says nothing.
    mutating func take(_ value: Double, at at_us: Int64, position: Int64, _ rule: ScenarioRule, applies: Bool = true) -> Signal? {
        guard at_us > last_us else { return nil }
        last_us = at_us
        let holds = holds(value, at_us, rule)
        return decide(applies ? holds : false, value, at_us, position, rule)
    }

    private mutating func decide(_ holds: Bool?, _ value: Double, _ at_us: Int64, _ position: Int64, _ rule: ScenarioRule) -> Signal? {
        if let raised = raisedBy {
            guard holds == false else {
                clearSince_us = nil
                return nil
            }
            let since = clearSince_us ?? at_us
            clearSince_us = since
            guard at_us - since >= rule.clearFor_us else { return nil }
            (raisedBy, clearSince_us, holdsSince_us) = (nil, nil, nil)
            return Signal(isRaised: false, at_us: at_us, value: value, raisedBy: raised, causedBy: position)
        }
        guard holds == true else {
            holdsSince_us = nil
            return nil
        }
        let since = holdsSince_us ?? at_us
        holdsSince_us = since
        // A fact's position is the alert's key, so a fact raises one; what still holds the next one raises.
        guard at_us - since >= rule.for_us, lastRaise != position, !rule.isQuiet(at_us) else { return nil }
        return raise(at_us, value, position)
    }

    private mutating func raise(_ at_us: Int64, _ value: Double?, _ position: Int64) -> Signal {
        (raisedBy, lastRaise) = (position, position)
        return Signal(isRaised: true, at_us: at_us, value: value, raisedBy: position, causedBy: position)
    }

    /// Whether the condition holds; nil between the condition's value and that of its clearing, or where nothing can be said yet.
    private mutating func holds(_ value: Double, _ at_us: Int64, _ rule: ScenarioRule) -> Bool? {
        let limit = rule.limit, back = rule.back
        switch rule.kind {
        case .above: return value >= limit ? true : value < back || back == limit ? false : nil
        case .below: return value <= limit ? true : value > back || back == limit ? false : nil
        case .drop: return extreme(value, at_us, rule) { $0 <= value } - value >= limit
        case .rise: return value - extreme(value, at_us, rule) { $0 >= value } >= limit
        case .unusual: return isUnusual(value, at_us, rule)
        case .silence, .count: return nil
        }
    }

    /// The extreme of the window with this reading in it.
    private mutating func extreme(_ value: Double, _ at_us: Int64, _ rule: ScenarioRule, surpasses: (Double) -> Bool) -> Double {
        while first < window.count, let last = window.last, surpasses(last.value) { window.removeLast() }
        window.append(Reading(at_us: at_us, value: value))
        dropBefore(at_us - rule.within_us)
        return window[first].value
    }

    private mutating func dropBefore(_ from_us: Int64) {
        while first < window.count, window[first].at_us < from_us { first += 1 }
        if first > 32, first * 2 > window.count {
            window.removeFirst(first)
            first = 0
        }
    }

    /// Compared with the same hour of the days before, by the first reading of each hour.
    private mutating func isUnusual(_ value: Double, _ at_us: Int64, _ rule: ScenarioRule) -> Bool? {
        let hour = at_us / Self.hour_us
        if usual?.hour != hour {
            dropBefore((hour - rule.days * 24) * Self.hour_us)
            let before = window[first...].filter { ($0.at_us / Self.hour_us - hour) % 24 == 0 }.map(\.value).sorted()
            if before.count >= 3 {
                let middle = Self.median(before)
                let spread = Self.median(before.map { abs($0 - middle) }.sorted())
                // 1.4826 makes the median absolute deviation that of a normal distribution; a twentieth of the usual value is never unusual.
                usual = Usual(hour: hour, middle: middle, unit: max(1.4826 * spread, abs(middle) / 20 / rule.limit, 1e-9))
            } else {
                usual = Usual(hour: hour, middle: nil, unit: 0)
            }
            window.append(Reading(at_us: at_us, value: value))
        }
        guard let usual, let middle = usual.middle else { return nil }
        return abs(value - middle) > rule.limit * usual.unit
    }

    static let hour_us: Int64 = 3_600_000_000

    private static func median(_ sorted: [Double]) -> Double {
        let half = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    }
}

// MARK: Silence

extension ScenarioSeries {
    /// Of `silence`: the time of the sensor's last reading.
    mutating func hear(_ at_us: Int64) { last_us = max(last_us, at_us) }

    /// Of `silence`: the sensor speaks again.
    mutating func speak(at at_us: Int64, position: Int64) -> Signal? {
        guard let raised = raisedBy else { return nil }
        raisedBy = nil
        return Signal(isRaised: false, at_us: at_us, value: nil, raisedBy: raised, causedBy: position)
    }

    /// Of `silence`: others of its source have come so far.
    /// - Parameter limit_us: how long it may be silent.
    mutating func wait(until now_us: Int64, position: Int64, limit_us: Int64, _ rule: ScenarioRule) -> Signal? {
        guard raisedBy == nil, last_us > Int64.min, now_us - last_us >= limit_us, !rule.isQuiet(now_us) else { return nil }
        return raise(now_us, nil, position)
    }

    /// The sensor is gone: what stands is over.
    mutating func end(at at_us: Int64, position: Int64, reason: String) -> Signal? {
        holdsSince_us = nil
        guard let raised = raisedBy else { return nil }
        forgetAlert()
        return Signal(isRaised: false, at_us: at_us, value: nil, raisedBy: raised, causedBy: position, reason: reason)
    }
}

// MARK: Kept

extension ScenarioSeries {
    func write(to state: inout StateWriter) {
        state.integer(last_us)
        state.integer(holdsSince_us)
        state.integer(clearSince_us)
        state.integer(raisedBy)
        state.integer(usual?.hour)
        if let usual {
            state.double(usual.middle ?? .nan)
            state.double(usual.unit)
        }
        state.integer(Int64(window.count - first))
        for reading in window[first...] {
            state.integer(reading.at_us)
            state.double(reading.value)
        }
    }

    init(from state: inout StateReader) throws(ScenarioError) {
        last_us = try state.integer()
        holdsSince_us = try state.optionalInteger()
        clearSince_us = try state.optionalInteger()
        raisedBy = try state.optionalInteger()
        if let hour = try state.optionalInteger() {
            let middle = try state.double()
            usual = Usual(hour: hour, middle: middle.isNaN ? nil : middle, unit: try state.double())
        }
        for _ in 0..<(try state.count()) { window.append(Reading(at_us: try state.integer(), value: try state.double())) }
    }
}
