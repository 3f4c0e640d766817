import EventLog
import Projections

/// What stands of rules that are no longer in force.
///
/// What was kept of them may be older than what was told: they raised and cleared alerts until they were killed. So the facts of that time are read before
/// their alerts are ended, each once.
struct FormerAlerts {
    private let rules: [String: KeptRule]
    /// By the alert's key.
    private var ends: [String: ScenarioEngine.Outcome]
    private var own: Int32?
    private var raised: Int32?
    private var cleared: Int32?

    /// - Parameters:
    ///   - rules: those that are no longer in force.
    ///   - ends: what ends the alerts that stood of them when the state was kept.
    init(_ rules: [KeptRule], _ ends: [ScenarioEngine.Outcome]) {
        self.rules = Dictionary(rules.map { ($0.rule, $0) }, uniquingKeysWith: { _, last in last })
        self.ends = Dictionary(ends.map { ($0.key, $0) }, uniquingKeysWith: { _, last in last })
    }

    mutating func use(_ catalog: Catalog) {
        own = catalog.sources.first { $0.value.name == ScenarioRun.source.name }?.key
        raised = catalog.types.first { $0.value.name == "alert.raised" }?.key
        cleared = catalog.types.first { $0.value.name == "alert.cleared" }?.key
    }

    /// A fact that was told before what is read now is told.
    mutating func take(_ fact: Fact, _ engine: ScenarioEngine) throws(ScenarioError) {
        guard fact.sourceID == own, fact.typeID == raised || fact.typeID == cleared, let key = ScenarioEngine.key(fact) else { return }
        guard fact.typeID == raised else {
            ends[key] = nil
            return
        }
        let payload = Payload(JSONView(fact.payload), source: [])
        func text(_ name: StaticString) -> String? { payload[name]?.text.map { String(decoding: $0, as: UTF8.self) } }
        // An alert's key ends with the position that raised it.
        guard let rule = text("rule").flatMap({ rules[$0] }), let id = text("sensor") ?? text("building"),
            let raisedBy = key.split(separator: "-").last.flatMap({ Int64($0) })
        else { return }
        ends[key] = try engine.clearing(rule, .building(id), raisedBy: raisedBy)
    }

    /// In the order of the keys.
    var events: [NewEvent] { ends.sorted { $0.key < $1.key }.flatMap(\.value.events) }
}
