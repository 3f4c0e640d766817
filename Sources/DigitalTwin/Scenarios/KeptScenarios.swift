import EventLog
import Foundation
import PostgresClient

/// A rule as it was in force when the state was kept.
package struct KeptRule: Codable, Equatable {
    /// `<scenario>/<version>`.
    let rule: String
    /// `ScenarioRule.definition`.
    let definition: String
    /// The position since which it tells.
    let since: Int64
}

extension ScenarioEngine {
    /// Counted up whenever the bytes below mean something else.
    static let format = 2

    var kept: [KeptRule] { rules.enumerated().map { KeptRule(rule: $1.name, definition: $1.definition, since: since[$0]) } }

    /// All that it knows.
    func state() -> [UInt8] {
        var state = StateWriter()
        func write(_ slots: [Slot]) {
            state.integer(Int64(slots.count))
            for slot in slots {
                state.integer(Int64(slot.rule))
                slot.series.write(to: &state)
            }
        }
        state.integer(Int64(sensors.count))
        for (index, sensor) in sensors.enumerated() {
            state.integer(Int64(sensor.sourceID))
            state.text(sensorKeys[index].dropFirst(4))
            state.text(sensor.property.map { String(decoding: $0, as: UTF8.self) })
            state.text(sensor.building)
            state.text(sensor.location)
            state.text(sensor.dwelling)
            sensor.rhythm.write(to: &state)
            state.integer(sensor.isGone ? 1 : 0)
            write(sensor.silences)
        }
        state.integer(Int64(channels.count))
        for channel in channels {
            state.integer(Int64(channel.sensor))
            state.text(channel.property)
            write(channel.slots)
        }
        state.integer(Int64(progress.count))
        for (source, come) in progress.sorted(by: { $0.key < $1.key }) {
            state.integer(Int64(source))
            state.integer(come.now_us)
            state.integer(come.checked_us)
            state.integer(Int64(come.sensors.count))
            for sensor in come.sensors { state.integer(Int64(sensor)) }
        }
        register.write(to: &state)
        cases.write(to: &state)
        return state.bytes
    }

    /// Takes in what was kept, before the first fact. Of rules that are not here any more what stands is over.
    /// - Parameter kept: the rules that the state knows, by their numbers there.
    /// - Returns: the ends of alerts of rules that are no more.
    package func restore(_ bytes: [UInt8], _ kept: [KeptRule]) throws(ScenarioError) -> [Outcome] {
        var state = StateReader(bytes)
        var ended: [Outcome] = []
        let numbers = kept.map { kept in rules.firstIndex { $0.name == kept.rule && $0.definition == kept.definition } }
        var over: [(rule: Int, sensor: Int, raisedBy: Int64)] = []
        func slots(_ sensor: Int) throws(ScenarioError) -> [Slot] {
            var slots: [Slot] = []
            for _ in 0..<(try state.count()) {
                let rule = Int(try state.integer())
                let series = try ScenarioSeries(from: &state)
                guard numbers.indices.contains(rule) else { throw ScenarioError("The kept state of the scenarios speaks of a rule that it does not name.") }
                if let number = numbers[rule] {
                    slots.append(Slot(rule: number, series: series))
                } else if let raised = series.raisedBy, raised > kept[rule].since {
                    over.append((rule, sensor, raised))
                }
            }
            return slots.sorted { $0.rule < $1.rule }
        }
        for index in 0..<(try state.count()) {
            let source = Int32(truncatingIfNeeded: try state.integer())
            let key = withUnsafeBytes(of: source) { Array($0) } + (try state.text())
            guard key.withUnsafeBytes({ sensorKeys.index(of: $0) }) == index else { throw ScenarioError("The kept state of the scenarios names a sensor twice.") }
            var sensor = Sensor(sourceID: source)
            sensor.property = try state.optionalText().map { Array($0.utf8) }
            sensor.building = try state.optionalText()
            sensor.location = try state.optionalText()
            sensor.dwelling = try state.optionalText()
            sensor.rhythm = try SensorRhythm(from: &state)
            sensor.isGone = try state.integer() == 1
            sensor.silences = try slots(index)
            sensors.append(sensor)
        }
        for index in 0..<(try state.count()) {
            let sensor = Int(try state.integer()), property = try state.text()
            let key = withUnsafeBytes(of: Int32(truncatingIfNeeded: sensor)) { Array($0) } + property
            guard sensors.indices.contains(sensor), key.withUnsafeBytes({ channelKeys.index(of: $0) }) == index else {
                throw ScenarioError("The kept state of the scenarios names readings twice, or of no sensor.")
            }
            channels.append(Channel(sensor: sensor, property: property, slots: try slots(sensor)))
        }
        for _ in 0..<(try state.count()) {
            let source = Int32(truncatingIfNeeded: try state.integer())
            var come = Progress(now_us: try state.integer(), checked_us: try state.integer())
            for _ in 0..<(try state.count()) { come.sensors.append(Int(try state.integer())) }
            guard come.sensors.allSatisfy(sensors.indices.contains) else { throw ScenarioError("The kept state of the scenarios speaks of sensors that it does not know.") }
            progress[source] = come
        }
        for (rule, sensor, raised) in over { ended.append(try clearing(kept[rule], .sensor(sensor), raisedBy: raised)) }
        register = try ScenarioRegister(from: &state)
        cases = try CountedCases(from: &state)
        let known = cases.reports
        cases.reports = [:]
        for (rule, reports) in known.sorted(by: { $0.key < $1.key }) where kept.indices.contains(rule) {
            if let number = numbers[rule] { cases.reports[number] = reports; continue }
            for alert in reports.standing where alert.raisedBy > kept[rule].since {
                ended.append(try clearing(kept[rule], .building(alert.building), raisedBy: alert.raisedBy))
            }
        }
        return ended
    }

    /// Ends an alert of a rule that is no longer in force.
    func clearing(_ rule: KeptRule, _ subject: Subject, raisedBy: Int64) throws(ScenarioError) -> Outcome {
        let signal = ScenarioSeries.Signal(
            isRaised: false, at_us: Int64(Date().timeIntervalSince1970 * 1_000_000), value: nil, raisedBy: raisedBy, causedBy: raisedBy, reason: "the rule is no longer in force")
        return outcome(signal, try Scenario(formerRule: rule.rule, definition: rule.definition), subject)
    }

    /// Before it reads a window: who lives where and which building is which was told long before.
    func learn(registersOf other: ScenarioEngine) {
        register = other.register
        cases = other.cases
        cases.reports = [:]
        (cases.now_us, cases.checked_us) = (.min, .min)
    }

    /// Takes in what rules that are new here know of the time before, from an engine that read it.
    func adopt(_ other: ScenarioEngine) {
        for number in counting where cases.reports[number] == nil {
            if let theirs = other.rules.firstIndex(where: { $0.name == rules[number].name }) { cases.reports[number] = other.cases.reports[theirs] }
        }
        for channel in channels.indices {
            for (number, rule) in rules.enumerated() where rule.watches(channels[channel].property) && !knows(number, channel) {
                var series = ScenarioSeries()
                if let theirs = other.rules.firstIndex(where: { $0.name == rule.name }), let known = other.series(theirs, like: channel, of: self) { series = known }
                add(number, to: &channels[channel], series)
                channels[channel].slots.sort { $0.rule < $1.rule }
            }
        }
    }

    private func knows(_ rule: Int, _ channel: Int) -> Bool {
        channels[channel].slots.contains { $0.rule == rule } || sensors[channels[channel].sensor].silences.contains { $0.rule == rule }
    }

    /// What it knows of the same channel of another engine.
    private func series(_ rule: Int, like channel: Int, of other: ScenarioEngine) -> ScenarioSeries? {
        let key = Array(other.sensorKeys[other.channels[channel].sensor])
        guard let sensor = key.withUnsafeBytes({ sensorKeys.find($0) }) else { return nil }
        let channelKey = withUnsafeBytes(of: Int32(truncatingIfNeeded: sensor)) { Array($0) } + other.channels[channel].property
        guard let mine = channelKey.withUnsafeBytes({ channelKeys.find($0) }) else { return nil }
        return channels[mine].slots.first { $0.rule == rule }?.series
    }
}
