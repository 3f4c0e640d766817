/// How often a sensor speaks: as its source says, or as it did so far.
struct SensorRhythm: Equatable {
    /// The newest reading; `Int64.min` before the first.
    private(set) var last_us = Int64.min
    /// As its source says.
    var stated_us: Int64?
    /// How far the last tellings brought it on: of a source that tells a day at a time these are days.
    private var steps_us: [Int64] = []
    private var oldest = 0

    private static let remembered = 15

    init() {}

    /// - Parameter newest_us: later than the last one.
    mutating func take(_ newest_us: Int64) {
        if last_us > .min {
            let step_us = newest_us - last_us
            if steps_us.count < Self.remembered { steps_us.append(step_us) } else { steps_us[oldest] = step_us }
            oldest = (oldest + 1) % Self.remembered
        }
        last_us = newest_us
    }

    /// The usual time from one telling to the next; nil where nobody knows it: before the third one after the first.
    var usual_us: Int64? {
        if let stated_us { return stated_us }
        guard steps_us.count >= 3 else { return nil }
        return steps_us.sorted()[steps_us.count / 2]
    }

    /// How long it may be silent.
    func limit_us(_ condition: Scenario.Condition) -> Int64 {
        let least_us = Int64((condition.for_minutes ?? 0) * 60_000_000)
        guard let intervals = condition.intervals else { return least_us }
        guard let usual_us else { return max(least_us, Int64((condition.unknown_minutes ?? 0) * 60_000_000)) }
        return max(least_us, Int64(min(Double(usual_us) * intervals, 1e17)))
    }

    func write(to state: inout StateWriter) {
        state.integer(last_us)
        state.integer(stated_us)
        state.integer(Int64(oldest))
        state.integer(Int64(steps_us.count))
        for step_us in steps_us { state.integer(step_us) }
    }

    init(from state: inout StateReader) throws(ScenarioError) {
        last_us = try state.integer()
        stated_us = try state.optionalInteger()
        oldest = Int(try state.integer())
        for _ in 0..<(try state.count()) { steps_us.append(try state.integer()) }
        guard (0..<Self.remembered).contains(oldest), steps_us.count <= Self.remembered else {
            throw ScenarioError("The kept state of the scenarios holds a rhythm that is none.")
        }
    }
}
