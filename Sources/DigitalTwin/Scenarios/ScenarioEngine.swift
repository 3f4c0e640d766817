import EventLog
import PostgresClient
import Projections

/// Evaluates scenarios as facts arrive, in the order of their positions.
///
/// Knows sensors by what is told of them, and holds one `ScenarioSeries` a scenario and channel (a sensor's readings of one property). Makes
/// facts: `alert.raised`, `alert.cleared` and the case that a scenario opens, keyed by rule, version, sensor and the position that caused them.
package final class ScenarioEngine {
    /// Facts, and what they are about.
    package struct Outcome {
        package let scenario: Scenario
        /// `<source>:<key>`; of reports the building.
        package let sensor: String
        /// `<source>:<key>` of the building that the sensor names.
        package let building: String?
        /// The alert's and its case's, behind the kind: the same for its beginning and its end.
        package let key: String
        package let isRaised: Bool
        package let at: Timestamp
        package let events: [NewEvent]
    }

    /// One rule on one thing.
    struct Slot {
        let rule: Int
        var series = ScenarioSeries()
    }

    struct Sensor {
        let sourceID: Int32
        var property: [UInt8]?
        var building: String?
        /// GeoJSON as the source told it.
        var location: String?
        /// `<source>:<key>` of the dwelling that it measures.
        var dwelling: String?
        var rhythm = SensorRhythm()
        /// What its silence means.
        var silences: [Slot] = []
        var isGone = false
    }

    /// A sensor's readings of one property.
    struct Channel {
        let sensor: Int
        let property: [UInt8]
        var slots: [Slot] = []
    }

    /// How far the readings of one source have come.
    struct Progress {
        var now_us = Int64.min
        var checked_us = Int64.min
        var sensors: [Int] = []
    }

    /// What an alert is about.
    enum Subject {
        case sensor(Int)
        /// `<source>:<key>`.
        case building(String)
    }

    let rules: [ScenarioRule]
    /// By rule: the position since which it tells.
    var since: [Int64]
    /// Rules that are not in force yet: their alerts are forgotten when the log passes that.
    var pending: [Int]
    private let silent: [Int]
    let counting: [Int]
    var register = ScenarioRegister()
    var cases = CountedCases()
    var sensorKeys = ByteTable()
    var sensors: [Sensor] = []
    var channelKeys = ByteTable()
    var channels: [Channel] = []
    var progress: [Int32: Progress] = [:]
    private var sources: [Int32: String] = [:]
    private var described: Int32?, recorded: Int32?
    private var ended: Set<Int32> = []
    private var received: Int32?, withdrawn: Int32?, building: Int32?
    /// Types of facts about people, by their numbers.
    private var personal: [Int32: String] = [:]
    private var scratch: [UInt8] = []
    private var readings: [ScenarioSeries.Reading] = []

    /// - Parameter since: by rule, the position since which it tells; 0 for all of the log.
    package init(_ scenarios: [Scenario], since: [Int64] = []) throws(ScenarioError) {
        var rules: [ScenarioRule] = []
        for scenario in scenarios { rules.append(try ScenarioRule(scenario)) }
        self.rules = rules
        self.since = rules.indices.map { since.indices.contains($0) ? since[$0] : 0 }
        silent = rules.indices.filter { rules[$0].kind == .silence }
        counting = rules.indices.filter { rules[$0].kind == .count }
        pending = []
        pending = rules.indices.filter { self.since[$0] > 0 }
    }

    package var rulesCount: Int { rules.count }

    /// What numbers stand for; called before the first fact and whenever a number is new.
    package func use(_ catalog: Catalog) {
        sources = catalog.sources.mapValues(\.name)
        described = catalog.types.first { $0.value.name == "sensor.described" }?.key
        recorded = catalog.types.first { $0.value.name == "observations.recorded" }?.key
        received = catalog.types.first { $0.value.name == "case.received" }?.key
        withdrawn = catalog.types.first { $0.value.name == "case.withdrawn" }?.key
        building = catalog.types.first { $0.value.name == "building.described" }?.key
        personal = catalog.types.mapValues(\.name).filter { ScenarioRegister.types.contains($0.value) }
        ended = Set(catalog.types.filter { ["sensor.retired", "sensor.removed"].contains($0.value.name) }.keys)
    }

    /// Takes in one fact; those of other types say nothing here.
    package func take(_ fact: Fact, _ tell: (Outcome) -> Void) {
        if !pending.isEmpty { beginRules(before: fact.position) }
        if fact.typeID == recorded { return read(fact, tell) }
        if fact.typeID == described { return describe(fact) }
        if ended.contains(fact.typeID) { return end(fact, tell) }
        guard let source = sources[fact.sourceID] else { return }
        if fact.typeID == received || fact.typeID == withdrawn { return takeCase(fact, isWithdrawn: fact.typeID == withdrawn, source, tell) }
        if fact.typeID == building { return describeBuilding(fact, source) }
        if let type = personal[fact.typeID] { register.take(type, fact, source: source) }
    }

    /// What stands for a rule when it comes into force was not told by it.
    private func beginRules(before position: Int64) {
        let begun = pending.filter { position > since[$0] }
        guard !begun.isEmpty else { return }
        pending.removeAll { begun.contains($0) }
        func forget(_ slots: inout [Slot]) {
            for slot in slots.indices where begun.contains(slots[slot].rule) { slots[slot].series.forgetAlert(upTo: since[slots[slot].rule]) }
        }
        for channel in channels.indices { forget(&channels[channel].slots) }
        for sensor in sensors.indices { forget(&sensors[sensor].silences) }
        for number in begun { cases.reports[number]?.forgetAlerts(upTo: since[number]) }
    }

    // MARK: Sensors

    /// The sensor of a fact; its key is the number of its source and its own key there.
    private func sensor(of fact: Fact) -> Int? {
        guard let slash = fact.subject.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        scratch.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: fact.sourceID) { scratch.append(contentsOf: $0) }
        scratch.append(contentsOf: fact.subject[(slash + 1)...])
        let index = scratch.withUnsafeBytes { sensorKeys.index(of: $0) }
        if index == sensors.count { sensors.append(Sensor(sourceID: fact.sourceID)) }
        return index
    }

    /// `<source>:<key>`.
    func id(_ sensor: Int) -> String {
        (sources[sensors[sensor].sourceID] ?? "") + ":" + String(decoding: sensorKeys[sensor].dropFirst(4), as: UTF8.self)
    }

    private func describe(_ fact: Fact) {
        guard let index = sensor(of: fact), let source = sources[fact.sourceID] else { return }
        let payload = Payload(JSONView(fact.payload), source: [])
        func text(_ value: JSONView?) -> String? { value?.text.map { String(decoding: $0, as: UTF8.self) } }
        func whole(_ reference: String?) -> String? { reference.map { Payload.whole($0, of: source) } }
        let feature = text(payload["feature_of_interest"])
        let building = text(payload["building"]) ?? feature.flatMap { $0.hasPrefix("building/") ? String($0.dropFirst(9)) : nil }
        sensors[index].dwelling = whole(text(payload["dwelling"]) ?? feature.flatMap { $0.hasPrefix("dwelling/") ? String($0.dropFirst(9)) : nil })
        sensors[index].property = payload["observed_property"]?.text
        sensors[index].location = payload["location"].map { String(decoding: $0.bytes, as: UTF8.self) }
        sensors[index].building = whole(building)
        sensors[index].rhythm.stated_us = payload["interval_seconds"]?.double.flatMap { $0 > 0 && $0 < 1e9 ? Int64($0 * 1_000_000) : nil }
        sensors[index].isGone = false
    }

    /// It is no more: what stands of it is over, and it is not silent.
    private func end(_ fact: Fact, _ tell: (Outcome) -> Void) {
        guard let index = sensor(of: fact) else { return }
        sensors[index].isGone = true
        let at_us = fact.effective_us
        for slot in sensors[index].silences.indices {
            if let signal = sensors[index].silences[slot].series.end(at: at_us, position: fact.position, reason: "sensor retired") {
                told(signal, sensors[index].silences[slot].rule, index, tell)
            }
        }
        for channel in channels.indices where channels[channel].sensor == index {
            for slot in channels[channel].slots.indices {
                if let signal = channels[channel].slots[slot].series.end(at: at_us, position: fact.position, reason: "sensor retired") {
                    told(signal, channels[channel].slots[slot].rule, index, tell)
                }
            }
        }
    }

    // MARK: Readings

    /// The channel of readings: sensor and property.
    private func channel(of sensor: Int, _ property: UnsafeRawBufferPointer?) -> Int {
        scratch.removeAll(keepingCapacity: true)
        withUnsafeBytes(of: Int32(truncatingIfNeeded: sensor)) { scratch.append(contentsOf: $0) }
        if let property { scratch.append(contentsOf: property) } else { scratch.append(contentsOf: sensors[sensor].property ?? []) }
        let index = scratch.withUnsafeBytes { channelKeys.index(of: $0) }
        if index == channels.count { open(sensor, Array(scratch.dropFirst(4))) }
        return index
    }

    private func open(_ sensor: Int, _ property: [UInt8]) {
        var channel = Channel(sensor: sensor, property: property)
        if sensors[sensor].rhythm.last_us == .min { progress[sensors[sensor].sourceID, default: Progress()].sensors.append(sensor) }
        for (number, rule) in rules.enumerated() where rule.watches(property) { add(number, to: &channel) }
        channels.append(channel)
    }

    /// Of a silence the sensor's own, and one of each.
    func add(_ number: Int, to channel: inout Channel, _ series: ScenarioSeries = ScenarioSeries()) {
        if rules[number].kind != .silence { return channel.slots.append(Slot(rule: number, series: series)) }
        guard !sensors[channel.sensor].silences.contains(where: { $0.rule == number }) else { return }
        sensors[channel.sensor].silences.append(Slot(rule: number, series: series))
        sensors[channel.sensor].silences.sort { $0.rule < $1.rule }
    }

    private func read(_ fact: Fact, _ tell: (Outcome) -> Void) {
        var property: JSONView?, times: JSONView?, values: JSONView?
        JSONView(fact.payload).members { name, value in
            switch name.count {
            case 5 where name.elementsEqual("times".utf8): times = value
            case 6 where name.elementsEqual("values".utf8): values = value
            case 8 where name.elementsEqual("property".utf8): property = value
            default: break
            }
        }
        guard let times, let values, let index = sensor(of: fact) else { return }
        let number = property?.withText { channel(of: index, $0) } ?? channel(of: index, nil)
        let newest_us = take(times, values, upTo: fact.recordedAt.microseconds + Self.ahead_us)
        for reading in readings {
            for slot in channels[number].slots.indices {
                let rule = channels[number].slots[slot].rule
                let applies = rules[rule].scenario.watch.dwelling.map { isSo($0, index, reading.at_us) } ?? true
                guard let signal = channels[number].slots[slot].series.take(
                    reading.value, at: reading.at_us, position: fact.position, rules[rule], applies: applies) else { continue }
                told(signal, rule, index, tell)
            }
        }
        guard let newest_us else { return }
        sensors[index].isGone = false
        if newest_us > sensors[index].rhythm.last_us {
            for slot in sensors[index].silences.indices {
                guard let signal = sensors[index].silences[slot].series.speak(at: newest_us, position: fact.position) else { continue }
                told(signal, sensors[index].silences[slot].rule, index, tell)
            }
            sensors[index].rhythm.take(newest_us)
        }
        wait(fact, newest_us, tell)
    }

    /// Whether a sensor's dwelling is one that a rule asks for.
    private func isSo(_ condition: Scenario.Watch.Dwelling, _ sensor: Int, _ at_us: Int64) -> Bool {
        guard let dwelling = sensors[sensor].dwelling else { return false }
        return register.holds(condition, dwelling, year: Timestamp.civil(daysSinceEpoch: Int(at_us / 86_400_000_000)).year)
    }

    /// How far a clock may run ahead of ours, a day: one reading of a year to come would make all that follow it old.
    private static let ahead_us: Int64 = 86_400_000_000

    /// The readings of a payload, in the order of their times whatever their order there: a value without a time, or a time without a value, is none.
    /// - Parameter latest_us: a later time is no time.
    /// - Returns: the latest time, also of one without a value.
    private func take(_ times: JSONView, _ values: JSONView, upTo latest_us: Int64) -> Int64? {
        readings.removeAll(keepingCapacity: true)
        var newest: Int64?, isSorted = true, count = 0
        // One time is the rule; then nothing is put beside it.
        times.elements { time in
            count += 1
            let at_us = time.moment.map(\.microseconds).flatMap { $0 <= latest_us ? $0 : nil }
            if let at_us {
                if let newest, at_us <= newest { isSorted = false }
                newest = max(newest ?? at_us, at_us)
            }
            readings.append(.init(at_us: at_us ?? .min, value: .nan))
        }
        var ordinal = 0
        values.elements { value in
            if ordinal < count, let number = value.double { readings[ordinal] = .init(at_us: readings[ordinal].at_us, value: number) }
            ordinal += 1
        }
        readings.removeAll { $0.at_us == .min || $0.value.isNaN }
        if !isSorted { readings.sort { $0.at_us < $1.at_us } }
        return newest
    }

    /// Who of the source has been silent, looked at once a minute of its time. A clock that runs ahead makes nobody else silent.
    private func wait(_ fact: Fact, _ newest_us: Int64, _ tell: (Outcome) -> Void) {
        guard !silent.isEmpty else { return }
        let now_us = max(progress[fact.sourceID]?.now_us ?? .min, min(newest_us, fact.recordedAt.microseconds))
        progress[fact.sourceID, default: Progress()].now_us = now_us
        guard let source = progress[fact.sourceID], source.checked_us == .min || now_us - source.checked_us >= 60_000_000 else { return }
        progress[fact.sourceID]?.checked_us = now_us
        for index in source.sensors where !sensors[index].isGone {
            for slot in sensors[index].silences.indices {
                let rule = sensors[index].silences[slot].rule
                let limit_us = sensors[index].rhythm.limit_us(rules[rule].scenario.condition)
                sensors[index].silences[slot].series.hear(sensors[index].rhythm.last_us)
                guard let signal = sensors[index].silences[slot].series.wait(until: now_us, position: fact.position, limit_us: limit_us, rules[rule]) else { continue }
                told(signal, rule, index, tell)
            }
        }
    }

    private func told(_ signal: ScenarioSeries.Signal, _ rule: Int, _ sensor: Int, _ tell: (Outcome) -> Void) {
        told(signal, rule, .sensor(sensor), tell)
    }

    /// Tells what a rule in force found.
    func told(_ signal: ScenarioSeries.Signal, _ rule: Int, _ subject: Subject, _ tell: (Outcome) -> Void) {
        guard signal.causedBy > since[rule] else { return }
        tell(outcome(signal, rules[rule].scenario, subject))
    }
}
