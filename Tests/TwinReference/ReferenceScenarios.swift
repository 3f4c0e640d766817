import Foundation

/// Scenarios as plainly as they can be written: from facts and declared rules to the alerts, without windows that are kept, states or batches.
///
/// It shares no code with the product, and looks at all that came before for every reading.
struct ReferenceScenarios {
    /// In the order of their positions.
    let facts: [PlainFact]
    let names: [Int32: String]
    /// As the files declare them.
    let rules: [Plain]

    private struct Told { var raised: Bool, rule: String, about: String, at: Int64, raisedBy: Int64, causedBy: Int64 }
    private struct Reading { var at: Int64, value: Double, position: Int64 }

    /// `raised|rule|about|at|raised by|caused by`, sorted.
    func rows() -> [String] {
        rules.flatMap { rule -> [Told] in
            switch rule["condition"]?["kind"]?.text {
            case "silence": silences(rule)
            case "count": counts(rule)
            default: channels().filter { watches(rule, $0.property) }.flatMap { signals(rule, $0.sensor, $0.readings) }
            }
        }.map { "\($0.raised)|\($0.rule)|\($0.about)|\($0.at)|\($0.raisedBy)|\($0.causedBy)" }.sorted()
    }

    // MARK: Rules

    private func name(_ rule: Plain) -> String { "\(rule["scenario"]?.text ?? "")/\(Int(rule["version"]?.number ?? 0))" }
    private func us(_ minutes: Plain?) -> Int64 { Int64((minutes?.number ?? 0) * 60_000_000) }
    private func watches(_ rule: Plain, _ property: String) -> Bool {
        let properties = rule["watch"]?["properties"]?.array ?? []
        return properties.isEmpty || properties.contains { $0.text == property }
    }

    private func isQuiet(_ rule: Plain, _ at: Int64) -> Bool {
        guard let quiet = rule["quiet"], case .object = quiet, let zone = TimeZone(identifier: quiet["zone"]?.text ?? "") else { return false }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.hour, .minute], from: Date(timeIntervalSince1970: Double(at) / 1e6))
        let clock = String(format: "%02d:%02d", parts.hour ?? 0, parts.minute ?? 0), from = quiet["from"]?.text ?? "", to = quiet["to"]?.text ?? ""
        return from <= to ? from <= clock && clock < to : clock >= from || clock < to
    }

    // MARK: Readings

    private func id(_ fact: PlainFact) -> String { (names[fact.source] ?? "") + ":" + fact.key }
    private func moment(_ text: String) -> Int64? { (try? Date(text, strategy: .iso8601)).map { Int64($0.timeIntervalSince1970) * 1_000_000 } }

    private let day: Int64 = 86_400_000_000

    private func readings(_ fact: PlainFact) -> [Reading] {
        zip(fact.payload["times"]?.array ?? [], fact.payload["values"]?.array ?? []).compactMap { time, value in
            guard let at = time.text.flatMap(moment), at <= fact.recorded + day, let number = value.number else { return nil }
            return Reading(at: at, value: number, position: fact.position)
        }.sorted { $0.at < $1.at }
    }

    private func channels() -> [(sensor: String, property: String, readings: [Reading])] {
        let observed = facts.filter { $0.type == "observations.recorded" }
        return Dictionary(grouping: observed) { [id($0), $0.payload["property"]?.text ?? ""] }.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, facts in
            var newer: [Reading] = []
            for reading in facts.flatMap(readings) where newer.last.map({ reading.at > $0.at }) ?? true { newer.append(reading) }
            return (key[0], key[1], newer)
        }
    }

    private func signals(_ rule: Plain, _ sensor: String, _ readings: [Reading]) -> [Told] {
        var told: [Told] = []
        var raisedBy: Int64?, holdsSince: Int64?, clearSince: Int64?
        let ends = facts.filter { ["sensor.retired", "sensor.removed"].contains($0.type) && id($0) == sensor }
        var before: Int64 = 0
        for at in readings.indices {
            let reading = readings[at]
            // A sensor that is taken away ends what stands.
            if let end = ends.first(where: { $0.position > before && $0.position < reading.position }) {
                if let raised = raisedBy { told.append(Told(raised: false, rule: name(rule), about: sensor, at: end.effective, raisedBy: raised, causedBy: end.position)) }
                (raisedBy, holdsSince, clearSince) = (nil, nil, nil)
            }
            before = reading.position
            var holds = self.holds(rule, readings[...at])
            if let dwelling = rule["watch"]?["dwelling"], case .object = dwelling, !lives(dwelling, sensor, reading) { holds = false }
            if let raised = raisedBy {
                if holds != false { clearSince = nil; continue }
                clearSince = clearSince ?? reading.at
                guard reading.at - (clearSince ?? 0) >= us(rule["clear"]?["for_minutes"]) else { continue }
                told.append(Told(raised: false, rule: name(rule), about: sensor, at: reading.at, raisedBy: raised, causedBy: reading.position))
                (raisedBy, holdsSince, clearSince) = (nil, nil, nil)
            } else if holds == true {
                holdsSince = holdsSince ?? reading.at
                guard reading.at - (holdsSince ?? 0) >= us(rule["condition"]?["for_minutes"]), told.last(where: \.raised)?.raisedBy != reading.position, !isQuiet(rule, reading.at) else { continue }
                raisedBy = reading.position
                told.append(Told(raised: true, rule: name(rule), about: sensor, at: reading.at, raisedBy: reading.position, causedBy: reading.position))
            } else {
                holdsSince = nil
            }
        }
        if let end = ends.first(where: { $0.position > before }), let raised = raisedBy {
            told.append(Told(raised: false, rule: name(rule), about: sensor, at: end.effective, raisedBy: raised, causedBy: end.position))
        }
        return told
    }

    /// Whether the condition holds with the last of the readings; nil for neither yes nor no.
    private func holds(_ rule: Plain, _ readings: ArraySlice<Reading>) -> Bool? {
        guard let last = readings.last, let condition = rule["condition"] else { return nil }
        let limit = condition["value"]?.number ?? 0, back = rule["clear"]?["value"]?.number ?? limit
        switch condition["kind"]?.text {
        case "above": return last.value >= limit ? true : last.value < back || back == limit ? false : nil
        case "below": return last.value <= limit ? true : last.value > back || back == limit ? false : nil
        case "drop": return readings.contains { $0.at >= last.at - us(condition["within_minutes"]) && $0.value - last.value >= limit }
        case "rise": return readings.contains { $0.at >= last.at - us(condition["within_minutes"]) && last.value - $0.value >= limit }
        default:
            let hour: Int64 = 3_600_000_000, now = last.at / hour
            // The first reading of each hour stands for it.
            let firsts = Dictionary(grouping: readings) { $0.at / hour }.compactMapValues(\.first)
            let usual = (1...Int64(condition["days"]?.number ?? 1)).compactMap { firsts[now - 24 * $0]?.value }
            guard usual.count >= 3 else { return nil }
            let middle = median(usual), spread = median(usual.map { abs($0 - middle) })
            return abs(last.value - middle) > limit * max(1.4826 * spread, abs(middle) / 20 / limit, 1e-9)
        }
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    // MARK: Registers

    private func whole(_ text: String?, _ source: Int32) -> String? {
        text.map { $0.firstMatch(of: /^[a-z0-9-]+:/) != nil ? $0 : (names[source] ?? "") + ":" + $0 }
    }

    /// Whether somebody of whom that is so lives in the sensor's dwelling, by what was told before the reading.
    private func lives(_ condition: Plain, _ sensor: String, _ reading: Reading) -> Bool {
        let known = facts.filter { $0.position < reading.position }
        guard let described = known.last(where: { $0.type == "sensor.described" && id($0) == sensor }) else { return false }
        let feature = described.payload["feature_of_interest"]?.text
        let named = described.payload["dwelling"]?.text ?? feature.flatMap { $0.hasPrefix("dwelling/") ? String($0.dropFirst(9)) : nil }
        guard let dwelling = whole(named, described.source) else { return false }
        let people = Dictionary(grouping: known.filter { $0.subject.hasPrefix("person/") }, by: \.subject).values
        return people.contains { told in
            let facts = Array(told[(told.lastIndex { ["subject.erased", "death.recorded"].contains($0.type) }.map { $0 + 1 } ?? 0)...])
            let home = lastWord(facts.filter { $0.type.hasPrefix("resident.") || $0.type == "care.enrolled" && $0.payload["dwelling"] != nil })
            let care = lastWord(facts.filter { $0.type.hasPrefix("care.") })
            guard let home, home.type != "resident.deregistered", whole(home.payload["dwelling"]?.text, home.source) == dwelling else { return false }
            guard let care, care.type == "care.enrolled", care.payload["kind"]?.text == condition["care"]?.text else { return false }
            let year = facts.compactMap { $0.payload["birth_year"]?.number }.last
            let date = Date(timeIntervalSince1970: Double(reading.at) / 1e6)
            let now = Calendar(identifier: .iso8601).dateComponents(in: TimeZone(secondsFromGMT: 0) ?? .current, from: date).year ?? 0
            return year.map { Double(now) - $0 >= condition["age_at_least"]?.number ?? 0 } ?? false
        }
    }

    private func lastWord(_ facts: [PlainFact]) -> PlainFact? {
        var word: PlainFact?, date: Int64?
        for fact in facts {
            if let occurred = fact.occurred, let date, occurred < date { continue }
            (word, date) = (fact, fact.occurred)
        }
        return word
    }
}

// MARK: Silence and reports

extension ReferenceScenarios {
    private func silences(_ rule: Plain) -> [Told] {
        var told: [Told] = []
        for facts in Dictionary(grouping: facts, by: \.source).values {
            var last: [String: Int64] = [:], steps: [String: [Int64]] = [:], stated: [String: Double] = [:], standing: [String: Int64] = [:]
            var gone: Set<String> = [], watched: Set<String> = []
            var now = Int64.min, looked: Int64?
            for fact in facts {
                let sensor = id(fact)
                switch fact.type {
                case "sensor.described":
                    stated[sensor] = fact.payload["interval_seconds"]?.number
                    gone.remove(sensor)
                case "sensor.retired", "sensor.removed":
                    gone.insert(sensor)
                    if let raised = standing.removeValue(forKey: sensor) { told.append(end(rule, sensor, fact.effective, raised, fact)) }
                case "observations.recorded":
                    if watches(rule, fact.payload["property"]?.text ?? "") { watched.insert(sensor) }
                    guard let newest = (fact.payload["times"]?.array ?? []).compactMap({ $0.text.flatMap(moment) }).filter({ $0 <= fact.recorded + day }).max() else { continue }
                    gone.remove(sensor)
                    if newest > last[sensor] ?? .min {
                        if let raised = standing.removeValue(forKey: sensor) { told.append(end(rule, sensor, newest, raised, fact)) }
                        if let before = last[sensor] { steps[sensor, default: []].append(newest - before) }
                        last[sensor] = newest
                    }
                    now = max(now, min(newest, fact.recorded))
                    if let looked, now - looked < 60_000_000 { continue }
                    looked = now
                    for (other, at) in last where watched.contains(other) && !gone.contains(other) && standing[other] == nil {
                        guard now - at >= patience(rule, steps[other] ?? [], stated[other]), !isQuiet(rule, now) else { continue }
                        standing[other] = fact.position
                        told.append(Told(raised: true, rule: name(rule), about: other, at: now, raisedBy: fact.position, causedBy: fact.position))
                    }
                default: break
                }
            }
        }
        return told
    }

    private func end(_ rule: Plain, _ about: String, _ at: Int64, _ raisedBy: Int64, _ fact: PlainFact) -> Told {
        Told(raised: false, rule: name(rule), about: about, at: at, raisedBy: raisedBy, causedBy: fact.position)
    }

    private func patience(_ rule: Plain, _ steps: [Int64], _ stated: Double?) -> Int64 {
        let condition = rule["condition"], least = us(condition?["for_minutes"])
        guard let intervals = condition?["intervals"]?.number else { return least }
        let recent = steps.suffix(15).sorted()
        if let stated { return max(least, Int64(Double(Int64(stated * 1_000_000)) * intervals)) }
        return recent.count >= 3 ? max(least, Int64(Double(recent[recent.count / 2]) * intervals)) : max(least, us(condition?["unknown_minutes"]))
    }

    private func counts(_ rule: Plain) -> [Told] {
        let watched = rule["watch"]?["cases"], limit = rule["condition"]?["value"]?.number ?? 0, window = us(rule["condition"]?["within_minutes"])
        let back = rule["clear"]?["value"]?.number ?? limit
        var told: [Told] = [], reports: [String: (building: String, at: Int64)] = [:], standing: [String: Int64] = [:], named: [String: String] = [:]
        var now = Int64.min, looked: Int64?
        func matches(_ fact: PlainFact) -> Bool {
            let texts = ["category", "subcategory", "description"].map { fact.payload[$0]?.text ?? "" }
            return (watched?["categories"]?.array ?? []).contains { texts[0] == $0.text || texts[1] == $0.text }
                || (watched?["words"]?.array ?? []).contains { word in texts.contains { $0.contains(word.text ?? "?") } }
        }
        for fact in facts where names[fact.source] != "scenarios" {
            if fact.type == "building.described" { named[id(fact)] = whole(fact.payload["building"]?.text, fact.source) }
            guard ["case.received", "case.withdrawn"].contains(fact.type) else { continue }
            reports[id(fact)] = nil
            if fact.type == "case.received", matches(fact), let building = whole(fact.payload["building"]?.text, fact.source).map({ named[$0] ?? $0 }) {
                reports[id(fact)] = (building, min(fact.effective, fact.recorded))
                let here = reports.values.filter { $0.building == building }, newest = here.map(\.at).max() ?? 0
                for (key, report) in reports where report.building == building && report.at < newest - window { reports[key] = nil }
                if standing[building] == nil, Double(here.filter { $0.at >= newest - window }.count) >= limit, !isQuiet(rule, newest) {
                    standing[building] = fact.position
                    told.append(Told(raised: true, rule: name(rule), about: building, at: newest, raisedBy: fact.position, causedBy: fact.position))
                }
            }
            now = max(now, min(fact.effective, fact.recorded))
            if let looked, now - looked < 3_600_000_000 { continue }
            looked = now
            for (key, report) in reports where report.at < now - window { reports[key] = nil }
            for (building, raised) in standing where Double(reports.values.filter { $0.building == building }.count) < back {
                standing[building] = nil
                told.append(Told(raised: false, rule: name(rule), about: building, at: now, raisedBy: raised, causedBy: fact.position))
            }
        }
        return told
    }
}
