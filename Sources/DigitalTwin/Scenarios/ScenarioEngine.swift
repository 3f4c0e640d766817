import EventLog
import PostgresClient
import Projections

/// Evaluates scenarios as facts arrive, in the order of their positions.
///
/// Knows sensors by what is told of them, and holds one `ScenarioSeries` a scenario and sensor. Makes facts: `alert.raised`, `alert.cleared`
/// and the case that a scenario opens, keyed by rule, version, sensor and the position that caused them.
package final class ScenarioEngine {
    /// A fact, and what it is about.
    package struct Outcome {
        package let scenario: Scenario
        /// `<source>:<key>`.
        package let sensor: String
        package let isRaised: Bool
        package let at: Timestamp
        package let events: [NewEvent]
    }

    private struct Sensor {
        var property: [UInt8]?
        var building: String?
        /// GeoJSON as the source told it.
        var location: String?
        /// By the number of the scenario; empty until the first reading.
        var series: [Int: ScenarioSeries] = [:]
    }

    /// How far the readings of one source have come.
    private struct Progress {
        var now_us = Int64.min
        var checked_us = Int64.min
        var sensors: [String] = []
    }

    private let scenarios: [Scenario]
    private let silent: [Int]
    private var sensors: [String: Sensor] = [:]
    private var progress: [Int32: Progress] = [:]
    private var sources: [Int32: String] = [:]
    private var described: Int32?, recorded: Int32?

    package init(_ scenarios: [Scenario]) {
        self.scenarios = scenarios
        silent = scenarios.indices.filter { scenarios[$0].condition.kind == .silence }
    }

    /// What numbers stand for; called before the first fact and whenever a number is new.
    package func use(_ catalog: Catalog) {
        sources = catalog.sources.mapValues(\.name)
        described = catalog.types.first { $0.value.name == "sensor.described" }?.key
        recorded = catalog.types.first { $0.value.name == "observations.recorded" }?.key
    }

    /// Takes in one fact; those of other types say nothing here.
    package func take(_ fact: Fact, _ tell: (Outcome) -> Void) {
        guard fact.typeID == described || fact.typeID == recorded, let source = sources[fact.sourceID],
            let slash = fact.subject.firstIndex(of: UInt8(ascii: "/"))
        else { return }
        let id = source + ":" + String(decoding: fact.subject[(slash + 1)...], as: UTF8.self)
        let payload = Payload(JSONView(fact.payload), source: Array(source.utf8))
        if fact.typeID == described { return describe(id, payload, source) }
        if sensors[id]?.series.isEmpty ?? true { progress[fact.sourceID, default: Progress()].sensors.append(id) }
        read(id, payload, fact, tell)
        wait(fact, tell)
    }

    private func describe(_ id: String, _ payload: Payload, _ source: String) {
        var sensor = sensors[id] ?? Sensor()
        sensor.property = payload["observed_property"]?.text
        sensor.location = payload["location"].map { String(decoding: $0.bytes, as: UTF8.self) }
        let named = payload["building"]?.text.map { String(decoding: $0, as: UTF8.self) }
        let feature = payload["feature_of_interest"]?.text.map { String(decoding: $0, as: UTF8.self) }
        let building = named ?? feature.flatMap { $0.hasPrefix("building/") ? String($0.dropFirst(9)) : nil }
        sensor.building = building.map { $0.contains(":") ? $0 : source + ":" + $0 }
        sensors[id] = sensor
    }

    private func read(_ id: String, _ payload: Payload, _ fact: Fact, _ tell: (Outcome) -> Void) {
        guard let times = payload["times"], let values = payload["values"] else { return }
        var moments: [Int64?] = [], numbers: [Double?] = []
        times.elements { moments.append($0.moment?.microseconds) }
        values.elements { numbers.append($0.double) }
        var sensor = sensors[id] ?? Sensor()
        let property = payload["property"]?.text ?? sensor.property ?? []
        if sensor.series.isEmpty {
            for (number, scenario) in scenarios.enumerated() where scenario.watches(property) { sensor.series[number] = ScenarioSeries(scenario) }
        }
        // In the order of their times, whatever the order in the fact.
        let readings = zip(moments, numbers).compactMap { at, value in at.flatMap { at in value.map { (at, $0) } } }.sorted { $0.0 < $1.0 }
        for (at, value) in readings {
            for number in sensor.series.keys.sorted() {
                guard let signal = sensor.series[number]?.take(value, at: at, position: fact.position) else { continue }
                tell(outcome(signal, number, id, sensor))
            }
        }
        sensors[id] = sensor
        // A clock that runs ahead makes nobody else silent.
        if let newest = moments.compactMap(\.self).max() {
            progress[fact.sourceID, default: Progress()].now_us = max(progress[fact.sourceID]?.now_us ?? .min, min(newest, fact.recordedAt.microseconds))
        }
    }

    /// Who of the source has been silent, looked at once a minute of its time.
    private func wait(_ fact: Fact, _ tell: (Outcome) -> Void) {
        guard !silent.isEmpty, let source = progress[fact.sourceID], source.checked_us == .min || source.now_us - source.checked_us >= 60_000_000 else { return }
        progress[fact.sourceID]?.checked_us = source.now_us
        for id in source.sensors {
            for number in silent {
                guard let signal = sensors[id]?.series[number]?.wait(until: source.now_us, position: fact.position), let sensor = sensors[id] else { continue }
                tell(outcome(signal, number, id, sensor))
            }
        }
    }

    private func outcome(_ signal: ScenarioSeries.Signal, _ number: Int, _ id: String, _ sensor: Sensor) -> Outcome {
        let scenario = scenarios[number], at = Timestamp(microseconds: signal.at_us)
        let key = "\(scenario.scenario)-\(scenario.version)-\(id)-\(signal.raisedBy)"
        func event(_ type: String, _ subject: String, _ members: [(String, String?)]) -> NewEvent {
            let text = members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",")
            var event = NewEvent(type: type, subject: subject, occurredAt: at, payload: Array("{\(text)}".utf8))
            event.causedBy = signal.causedBy
            return event
        }
        let rule = JSONQuoting.text(scenario.rule)
        guard signal.isRaised else {
            return Outcome(scenario: scenario, sensor: id, isRaised: false, at: at, events: [event("alert.cleared", "alert/\(key)", [("rule", rule)])])
        }
        let building = sensor.building.map(JSONQuoting.text)
        var events = [event("alert.raised", "alert/\(key)", [
            ("rule", rule), ("sensor", JSONQuoting.text(id)), ("building", building), ("value", signal.value.map { "\($0)" }),
            ("level", JSONQuoting.text(scenario.severity)), ("note", JSONQuoting.text("\(scenario.title) → \(scenario.to)")),
        ])]
        if let opens = scenario.opens {
            events.append(event("case.received", "case/\(key)", [
                ("channel", "\"sensor\""), ("category", JSONQuoting.text(opens.category)), ("subcategory", rule), ("handler", opens.handler.map(JSONQuoting.text)),
                ("department", opens.department.map(JSONQuoting.text)), ("urgency", opens.urgency.map(JSONQuoting.text)), ("building", building),
                ("location", sensor.location), ("description", JSONQuoting.text("\(scenario.title_zh): \(id)")), ("incident", JSONQuoting.text(key)),
            ]))
        }
        return Outcome(scenario: scenario, sensor: id, isRaised: true, at: at, events: events)
    }
}

extension Scenario {
    fileprivate func watches(_ property: [UInt8]) -> Bool {
        watch.properties.isEmpty || watch.properties.contains { $0.utf8.elementsEqual(property) }
    }
}

/// Texts as JSON has them.
private enum JSONQuoting {
    static func text(_ value: String) -> String {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 32: quoted += " "
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
