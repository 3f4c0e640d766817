import Foundation
import Schemas

/// A rule on sensors' readings or on reports, as a file in `Schemas/scenarios` declares it: what is watched, when it raises an alert, when the alert
/// clears, and the case that it opens.
package struct Scenario: Sendable, Codable, Equatable {
    /// Lower-case letters, digits and hyphens; together with `version` it is the rule's name in the log: `river-level/1`.
    package let scenario: String
    /// Counted up with every change of meaning: a new version raises nothing of what was read before it.
    package let version: Int
    package let title: String
    /// The Chinese term.
    package let title_zh: String
    package let watch: Watch
    package let condition: Condition
    package let clear: Clear?
    /// No alert is raised in these hours; what still holds afterwards is raised then.
    package let quiet: Quiet?
    package let severity: String
    /// Who is told.
    package let to: String
    package let opens: OpenedCase?

    package struct Watch: Sendable, Codable, Equatable {
        /// Observed properties; empty for all.
        package let properties: [String]
        /// Only readings of sensors in a dwelling where somebody lives of whom this is so, by the registers.
        package let dwelling: Dwelling?
        /// Reports in place of readings.
        package let cases: Cases?

        package init(properties: [String], dwelling: Dwelling? = nil, cases: Cases? = nil) {
            (self.properties, self.dwelling, self.cases) = (properties, dwelling, cases)
        }

        package struct Dwelling: Sendable, Codable, Equatable {
            /// `kind` of `care.enrolled`: `living_alone`.
            package let care: String?
            /// In years; of whom no year of birth is known is not as old.
            package let age_at_least: Int?
        }

        package struct Cases: Sendable, Codable, Equatable {
            /// Categories or subcategories, as sources write them.
            package let categories: [String]
            /// What stands in category, subcategory or description.
            package let words: [String]

            func matches(category: String, subcategory: String, description: String) -> Bool {
                categories.contains(category) || categories.contains(subcategory)
                    || words.contains { category.contains($0) || subcategory.contains($0) || description.contains($0) }
            }
        }
    }

    /// What must be so of one sensor's readings.
    package struct Condition: Sendable, Codable, Equatable {
        package enum Kind: String, Sendable, Codable {
            /// The value is at least, or at most `value`.
            case above, below
            /// Within `within_minutes` it fell or rose by `value`.
            case drop, rise
            /// It is more than `value` robust deviations from the median of the same hour of the last `days` days.
            case unusual
            /// No reading for so long, by the time of what the sensor's source tells of others.
            case silence
            /// At least `value` reports on one building within `within_minutes`.
            case count
        }

        package let kind: Kind
        /// In the unit of the readings; of `unusual` a number of deviations.
        package let value: Double?
        /// How long it must hold, by the times of readings; 0 for at once.
        package let for_minutes: Double?
        package let within_minutes: Double?
        package let days: Int?
        /// Of `silence`: how many times as long as usual, and `for_minutes` at least. What is usual the sensor's source says
        /// (`interval_seconds` of `sensor.described`), else the sensor's own readings.
        package let intervals: Double?
        /// Of `silence` with `intervals`: how long where nobody knows what is usual.
        package let unknown_minutes: Double?
    }

    /// When the alert is over; without it as soon as the condition no longer holds.
    package struct Clear: Sendable, Codable, Equatable {
        /// Of `above` and `below`: the value that must be passed on the way back (hysteresis).
        package let value: Double?
        package let for_minutes: Double?
    }

    package struct Quiet: Sendable, Codable, Equatable {
        /// `HH:mm`, in `zone`; may pass midnight.
        package let from: String
        package let to: String
        package let zone: String
    }

    package struct OpenedCase: Sendable, Codable, Equatable {
        package let category: String
        package let handler: String?
        package let department: String?
        package let urgency: String?
    }

    /// A rule that is not here any more: what it declared is all that is known.
    init(formerRule rule: String, definition: String) throws(ScenarioError) {
        let parts = rule.split(separator: "/")
        let meaning: Meaning
        do { meaning = try JSONDecoder().decode(Meaning.self, from: Data(definition.utf8)) } catch {
            throw ScenarioError("What was kept of the rule \(rule) cannot be read: \(error)")
        }
        (scenario, version) = (String(parts.first ?? ""), parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        (title, title_zh, severity, to) = ("", "", "", "")
        (watch, condition, clear, quiet, opens) = (meaning.watch, meaning.condition, meaning.clear, meaning.quiet, nil)
    }

    /// Whether what it finds is that a sensor has stopped, whatever it measures: then it is told of the sensor too.
    var tellsOfSilence: Bool { condition.kind == .silence && watch.properties.isEmpty }

    /// `<scenario>/<version>`.
    package var rule: String { "\(scenario)/\(version)" }

    /// The shipped scenarios, by name. A file that is no scenario is an error of the build's, and named.
    package static func shipped() throws(ScenarioError) -> [Scenario] {
        var all: [Scenario] = []
        for file in Schemas.files(in: "scenarios") { all.append(try parse(file.text, file: file.path)) }
        return all.sorted { $0.scenario < $1.scenario }
    }

    /// - Parameter file: named in errors.
    package static func parse(_ text: String, file: String) throws(ScenarioError) -> Scenario {
        let made: Scenario
        do { made = try JSONDecoder().decode(Scenario.self, from: Data(text.utf8)) } catch {
            throw ScenarioError("\(file) is no scenario: \(error). See Sources/DigitalTwin/Scenarios/README.md.")
        }
        if let mistake = made.mistake { throw ScenarioError("\(file): \(mistake)") }
        return made
    }

    private struct Meaning: Codable {
        let watch: Watch, condition: Condition, clear: Clear?, quiet: Quiet?
    }

    /// What decides when it raises an alert; titles and addressees do not.
    func definition() throws(ScenarioError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        do {
            return String(decoding: try encoder.encode(Meaning(watch: watch, condition: condition, clear: clear, quiet: quiet)), as: UTF8.self)
        } catch { throw ScenarioError("\(rule) cannot be written as JSON: \(error)") }
    }

    private var mistake: String? {
        if scenario.isEmpty || !scenario.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) {
            return "scenario may hold lower-case letters, digits and hyphens only."
        }
        switch condition.kind {
        case .above, .below: if condition.value == nil { return "\(condition.kind) needs a value." }
        case .drop, .rise, .count: if condition.value == nil || (condition.within_minutes ?? 0) <= 0 { return "\(condition.kind) needs value and within_minutes." }
        case .unusual: if condition.value == nil || (condition.days ?? 0) < 3 { return "unusual needs value, and days of at least 3." }
        case .silence:
            if (condition.for_minutes ?? 0) <= 0 { return "silence needs for_minutes." }
            if let intervals = condition.intervals, intervals < 1 || (condition.unknown_minutes ?? 0) <= 0 {
                return "silence with intervals needs at least one, and unknown_minutes for sensors of which nobody knows how often they speak."
            }
        }
        if (condition.kind == .count) != (watch.cases != nil) { return "count goes with watch.cases, and readings with another condition." }
        if let cases = watch.cases, (cases.categories + cases.words).allSatisfy(\.isEmpty) { return "watch.cases needs categories or words." }
        if let value = condition.value, let back = clear?.value {
            if condition.kind == .above || condition.kind == .count, back > value { return "clear.value must not lie above the condition's." }
            if condition.kind == .below, back < value { return "clear.value must not lie below the condition's." }
        }
        if let quiet, quiet.window == nil { return "quiet needs from and to as HH:mm, and a time zone that this machine knows." }
        return nil
    }
}

extension Scenario.Quiet {
    /// Minutes of the day in a zone.
    struct Window: Sendable {
        let from: Int
        let to: Int
        let zone: TimeZone

        func covers(_ at_us: Int64) -> Bool {
            let seconds = Int(at_us / 1_000_000)
            let local = seconds + zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            let minute = (local % 86_400 + 86_400) % 86_400 / 60
            return from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
        }
    }

    var window: Window? {
        func minutes(_ text: String) -> Int? {
            let parts = text.split(separator: ":").compactMap { Int($0) }
            guard parts.count == 2, (0...24).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
            return parts[0] * 60 + parts[1]
        }
        guard let from = minutes(from), let to = minutes(to), let zone = TimeZone(identifier: zone) else { return nil }
        return Window(from: from, to: to, zone: zone)
    }
}

/// A scenario that cannot be read, or a run that cannot go on.
package struct ScenarioError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
