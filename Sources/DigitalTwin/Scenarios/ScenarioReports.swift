import EventLog
import Projections

/// Reports on one building, counted in a window: one rule's.
///
/// A report is a case that some source received, with the building that it names; told again it counts once, and where it was told last. What this
/// hub's own scenarios open is no report. An alert is over when the reports in the window have become fewer again, by the time that all sources' cases
/// have come to: looked at once an hour of it.
struct ScenarioReports {
    private struct Place {
        /// By their times.
        var reports: [(at_us: Int64, id: String)] = []
        var raisedBy: Int64?
    }

    /// By building.
    private var places: [String: Place] = [:]
    private var placeOf: [String: String] = [:]

    /// Buildings on which an alert stands, and the positions that raised them.
    var standing: [(building: String, raisedBy: Int64)] {
        places.compactMap { building, place in place.raisedBy.map { (building, $0) } }.sorted { $0.0 < $1.0 }
    }

    /// - Parameters:
    ///   - id: of the case.
    ///   - matches: whether it is what the rule counts; one that is not any more is taken out.
    mutating func take(_ id: String, on building: String?, at at_us: Int64, matches: Bool, position: Int64, _ rule: ScenarioRule) -> ScenarioSeries.Signal? {
        remove(id)
        guard matches, let building else { return nil }
        var place = places[building] ?? Place()
        let at = place.reports.firstIndex { $0.at_us > at_us } ?? place.reports.count
        place.reports.insert((at_us, id), at: at)
        placeOf[id] = building
        let newest_us = place.reports.last?.at_us ?? at_us
        let gone = place.reports.prefix { $0.at_us < newest_us - rule.within_us }
        for report in gone { placeOf[report.id] = nil }
        place.reports.removeFirst(gone.count)
        defer { places[building] = place }
        guard place.raisedBy == nil, Double(place.reports.count) >= rule.limit, !rule.isQuiet(newest_us) else { return nil }
        place.raisedBy = position
        return .init(isRaised: true, at_us: newest_us, value: Double(place.reports.count), raisedBy: position, causedBy: position)
    }

    mutating func remove(_ id: String) {
        guard let building = placeOf.removeValue(forKey: id), var place = places[building] else { return }
        place.reports.removeAll { $0.id == id }
        places[building] = place.reports.isEmpty && place.raisedBy == nil ? nil : place
    }

    /// What is over by now.
    mutating func look(_ now_us: Int64, position: Int64, _ rule: ScenarioRule) -> [(building: String, signal: ScenarioSeries.Signal)] {
        var over: [(String, ScenarioSeries.Signal)] = []
        for building in places.keys.sorted() {
            guard var place = places[building] else { continue }
            let gone = place.reports.prefix { $0.at_us < now_us - rule.within_us }
            for report in gone { placeOf[report.id] = nil }
            place.reports.removeFirst(gone.count)
            if let raised = place.raisedBy, Double(place.reports.count) < rule.back {
                place.raisedBy = nil
                over.append((building, .init(
                    isRaised: false, at_us: now_us, value: Double(place.reports.count), raisedBy: raised, causedBy: position)))
            }
            places[building] = place.reports.isEmpty && place.raisedBy == nil ? nil : place
        }
        return over
    }

    /// What was raised up to a position is none of a rule's that was not in force yet.
    mutating func forgetAlerts(upTo since: Int64) {
        for (building, place) in places where place.raisedBy.map({ $0 <= since }) ?? false { places[building]?.raisedBy = nil }
    }

    // MARK: Kept

    func write(to state: inout StateWriter) {
        state.integer(Int64(places.count))
        for (building, place) in places.sorted(by: { $0.key < $1.key }) {
            state.text(building.utf8)
            state.integer(place.raisedBy)
            state.integer(Int64(place.reports.count))
            for report in place.reports {
                state.integer(report.at_us)
                state.text(report.id.utf8)
            }
        }
    }

    init() {}

    init(from state: inout StateReader) throws(ScenarioError) {
        for _ in 0..<(try state.count()) {
            let building = String(decoding: try state.text(), as: UTF8.self)
            var place = Place()
            place.raisedBy = try state.optionalInteger()
            for _ in 0..<(try state.count()) {
                let at_us = try state.integer(), id = String(decoding: try state.text(), as: UTF8.self)
                place.reports.append((at_us, id))
                placeOf[id] = building
            }
            places[building] = place
        }
    }
}

/// What the counting rules have in common.
struct CountedCases {
    /// By rule, of those that count.
    var reports: [Int: ScenarioReports] = [:]
    /// Which building another source's building is, as that source says.
    private var named: [String: String] = [:]
    var now_us = Int64.min
    var checked_us = Int64.min

    mutating func describe(_ id: String, is other: String?) { named[id] = other }
    /// The building by the name under which all sources' reports meet.
    func building(_ id: String) -> String { named[id] ?? id }

    func write(to state: inout StateWriter) {
        state.integer(now_us)
        state.integer(checked_us)
        state.integer(Int64(named.count))
        for (id, other) in named.sorted(by: { $0.key < $1.key }) {
            state.text(id.utf8)
            state.text(other.utf8)
        }
        state.integer(Int64(reports.count))
        for (rule, reports) in reports.sorted(by: { $0.key < $1.key }) {
            state.integer(Int64(rule))
            reports.write(to: &state)
        }
    }

    init() {}

    init(from state: inout StateReader) throws(ScenarioError) {
        now_us = try state.integer()
        checked_us = try state.integer()
        for _ in 0..<(try state.count()) {
            let id = String(decoding: try state.text(), as: UTF8.self)
            named[id] = String(decoding: try state.text(), as: UTF8.self)
        }
        for _ in 0..<(try state.count()) {
            let rule = Int(try state.integer())
            reports[rule] = try ScenarioReports(from: &state)
        }
    }
}
