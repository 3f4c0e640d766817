import Foundation

/// A scenario made ready: times in microseconds, what its declaration leaves out filled in.
final class ScenarioRule {
    let scenario: Scenario
    /// `<scenario>/<version>`.
    let name: String
    /// What decides when it raises an alert, as text: where that differs it is another rule, whatever its number.
    let definition: String
    let kind: Scenario.Condition.Kind
    let limit: Double
    /// What must be passed on the way back.
    let back: Double
    let for_us: Int64
    let clearFor_us: Int64
    let within_us: Int64
    let days: Int64
    let quiet: Scenario.Quiet.Window?
    private let properties: Set<[UInt8]>

    init(_ scenario: Scenario) throws(ScenarioError) {
        func us(_ minutes: Double?) -> Int64 { Int64((minutes ?? 0) * 60_000_000) }
        self.scenario = scenario
        name = scenario.rule
        definition = try scenario.definition()
        kind = scenario.condition.kind
        limit = scenario.condition.value ?? 0
        back = scenario.clear?.value ?? limit
        for_us = us(scenario.condition.for_minutes)
        clearFor_us = us(scenario.clear?.for_minutes)
        within_us = us(scenario.condition.within_minutes)
        days = Int64(scenario.condition.days ?? 0)
        quiet = scenario.quiet?.window
        properties = Set(scenario.watch.properties.map { Array($0.utf8) })
    }

    /// How long before a moment readings still decide what it says then.
    var memory_us: Int64 { for_us + clearFor_us + within_us + days * 86_400_000_000 }

    func watches(_ property: [UInt8]) -> Bool { kind != .count && (properties.isEmpty || properties.contains(property)) }
    func isQuiet(_ at_us: Int64) -> Bool { quiet?.covers(at_us) ?? false }
}
