import EventLog
import Projections

extension ScenarioEngine {
    /// A building that another source knows under its own number.
    func describeBuilding(_ fact: Fact, _ source: String) {
        guard let key = Self.key(fact) else { return }
        let payload = Payload(JSONView(fact.payload), source: [])
        cases.describe(source + ":" + key, is: Self.reference(payload["building"], source))
    }

    static func key(_ fact: Fact) -> String? {
        fact.subject.firstIndex(of: UInt8(ascii: "/")).map { String(decoding: fact.subject[($0 + 1)...], as: UTF8.self) }
    }

    /// A reference without a source's name is the source's own.
    static func reference(_ value: JSONView?, _ source: String) -> String? {
        value?.text.map { String(decoding: $0, as: UTF8.self) }.map { Payload.whole($0, of: source) }
    }

    /// A case that some source received, or took back.
    func takeCase(_ fact: Fact, isWithdrawn: Bool, _ source: String, _ tell: (Outcome) -> Void) {
        // What scenarios open themselves is no report.
        guard source != ScenarioRun.source.name, let key = Self.key(fact) else { return }
        let id = source + ":" + key
        if isWithdrawn {
            for number in counting { cases.reports[number]?.remove(id) }
        } else {
            let payload = Payload(JSONView(fact.payload), source: [])
            let words = [payload["category"], payload["subcategory"], payload["description"]].map { $0?.text.map { String(decoding: $0, as: UTF8.self) } ?? "" }
            let building = Self.reference(payload["building"], source).map(cases.building)
            for number in counting {
                let matches = rules[number].scenario.watch.cases?.matches(category: words[0], subcategory: words[1], description: words[2]) ?? false
                // A date that lies ahead pushes no other report out of its window.
                let at_us = min(fact.effective_us, fact.recordedAt.microseconds)
                guard let building, let signal = cases.reports[number, default: ScenarioReports()].take(
                    id, on: building, at: at_us, matches: matches, position: fact.position, rules[number]) else { continue }
                told(signal, number, .building(building), tell)
            }
        }
        // A date that lies ahead ends nobody's window.
        let now_us = max(cases.now_us, min(fact.effective_us, fact.recordedAt.microseconds))
        cases.now_us = now_us
        guard cases.checked_us == .min || now_us - cases.checked_us >= ScenarioSeries.hour_us else { return }
        cases.checked_us = now_us
        for number in counting {
            for over in cases.reports[number]?.look(now_us, position: fact.position, rules[number]) ?? [] {
                told(over.signal, number, .building(over.building), tell)
            }
        }
    }
}
