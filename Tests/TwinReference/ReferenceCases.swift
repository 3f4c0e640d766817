/// Cases: what every step does to a case, one after the other.
extension ReferenceFold {
    func caseRows(_ links: ReferenceLinks) -> [String] {
        let told = claims(["case.received"], ended: ["case.withdrawn", "case.removed"], told: { $0.hasPrefix("case.") }).values
        return told.flatMap { claim -> [String] in
            let steps = steps(of: claim.id)
            let life = Life(Self.ordered(steps))
            let late = claim.removed ? steps.filter { Self.isAfter($0, claim) } : []
            let anomalies = life.anomalies.map { ($0.anomaly, $0.fact, $0.after) } + late.map { ("after_withdrawn", $0, "withdrawn") }
            let amiss = anomalies.map { anomaly, fact, after in
                row("case_anomaly", [claim.id, anomaly, Self.step(fact), after, fact.occurred.map(String.init), "\(fact.position)"])
            }
            guard !claim.removed else { return amiss }
            return [caseRow(claim, life, links)] + steps.map { stepRow(claim.id, $0) } + stageRows(claim.id, life) + amiss
        }
    }

    private func caseRow(_ claim: ReferenceClaim, _ life: Life, _ links: ReferenceLinks) -> String {
        let link = links.building(of: claim, naming: claim.payload["building"], at: ReferenceLinks.place(claim.payload["location"]))
        let closing = life.stages.last { ["case.closed", "case.reopened"].contains($0.type) }
        return row("case", [
            claim.id, text(claim.payload["channel"]), text(claim.payload["category"]), life.state, ["closed", "merged"].contains(life.state) ? "f" : "t",
            claim.occurred.map(String.init), closing?.type == "case.closed" ? closing?.occurred.map(String.init) : nil, link?.building, link?.method,
            life.stages.last.map { "\($0.effective)" }, text(claim.payload["urgency"]), "\(life.anomalies.count)", "\(claim.position)",
        ])
    }

    private func stepRow(_ id: String, _ fact: PlainFact) -> String {
        row("case_step", [
            id, Self.step(fact), fact.occurred.map(String.init), "\(fact.effective)", text(fact.payload["handler"]),
            reference(fact.payload["into"], of: fact.source), "\(fact.position)",
        ])
    }

    private func stageRows(_ id: String, _ life: Life) -> [String] {
        life.stages.indices.map { at in
            let stage = life.stages[at], next = life.stages.indices.contains(at + 1) ? life.stages[at + 1] : nil
            var seconds: Int64?
            if let entered = stage.occurred, let left = next?.occurred, left >= entered { seconds = (left - entered) / 1_000_000 }
            return row("case_stage", [
                id, "\(at + 1)", Self.step(stage), "\(stage.effective)", next.map { "\($0.effective)" }, seconds.map(String.init),
                stage.occurred == nil ? "f" : "t", "\(stage.position)",
            ])
        }
    }

    private static func step(_ fact: PlainFact) -> String { String(fact.type.dropFirst(5)) }

    /// Of a withdrawn case: whether a step is later than its end; by dates where both have one, else by the order of telling.
    private static func isAfter(_ fact: PlainFact, _ claim: ReferenceClaim) -> Bool {
        if let step = fact.occurred, let end = claim.occurred { return step > end }
        return fact.position > claim.position
    }

    /// One fact a step and date: the one told last.
    private func steps(of id: String) -> [PlainFact] {
        struct Key: Hashable { var type: String, occurred: Int64? }
        let all = facts.filter { $0.type.hasPrefix("case.") && !["case.withdrawn", "case.removed"].contains($0.type) && self.id($0) == id }
        return Dictionary(grouping: all) { Key(type: $0.type, occurred: $0.occurred) }.values
            .compactMap { $0.max { $0.position < $1.position } }
    }

    /// What comes first at one moment.
    private static let atOneMoment = [
        "received", "dispatched", "accepted", "returned", "contacted", "progressed", "shelved", "extended", "reminded", "escalated", "answered",
        "closed", "called_back", "reopened", "merged",
    ]

    /// The receipts, then every step at its date; one without a date right after everything that was told before it.
    private static func ordered(_ steps: [PlainFact]) -> [PlainFact] {
        struct Place {
            var moment: Int64, undated: Int64, kind: Int
            var key: (Int64, Int64, Int) { (moment, undated, kind) }
        }
        func place(_ fact: PlainFact) -> Place {
            let before = steps.filter { $0.position < fact.position && $0.type != "case.received" }.compactMap(\.occurred)
            return Place(
                moment: fact.occurred ?? before.max() ?? .min, undated: fact.occurred == nil ? fact.position : 0,
                kind: atOneMoment.firstIndex(of: step(fact)) ?? -1)
        }
        let known = steps.filter { atOneMoment.contains(step($0)) }
        let sorted = known.map { ($0, place($0)) }.sorted { $0.1.key < $1.1.key }.map(\.0)
        return sorted.filter { $0.type == "case.received" } + sorted.filter { $0.type != "case.received" }
    }
}

/// The life of one case.
private struct Life {
    private(set) var state: String?
    /// The steps that moved it.
    private(set) var stages: [PlainFact] = []
    private(set) var anomalies: [(anomaly: String, fact: PlainFact, after: String?)] = []

    /// What may come in which state, beside 延期, 催办 and 督办 while the case is open.
    private static let mayCome = [
        "received": "dispatched accepted returned contacted progressed shelved answered closed merged",
        "dispatched": "dispatched accepted returned contacted progressed shelved answered closed merged",
        "accepted": "dispatched returned contacted progressed shelved answered closed merged",
        "returned": "dispatched closed merged",
        "contacted": "dispatched returned contacted progressed shelved answered closed merged",
        "progressed": "dispatched returned contacted progressed shelved answered closed merged",
        "shelved": "dispatched accepted contacted progressed answered called_back closed merged",
        "answered": "dispatched progressed shelved answered called_back closed merged",
        "called_back": "dispatched progressed shelved answered called_back closed reopened merged",
        "closed": "called_back reopened merged",
        "reopened": "dispatched accepted returned contacted progressed shelved answered closed merged",
        "merged": "reopened",
    ]

    init(_ steps: [PlainFact]) {
        let received = steps.filter { $0.type == "case.received" }.compactMap(\.occurred).min()
        for fact in steps {
            let step = String(fact.type.dropFirst(5)), before = state
            if let date = fact.occurred, let received, date < received { anomalies.append(("before_received", fact, before)) }
            let isBeside = ["extended", "reminded", "escalated"].contains(step)
            let anomaly = amiss(step, isBeside)
            if let anomaly { anomalies.append((anomaly, fact, before)) }
            let isIgnored = ["received_again", "after_closed", "after_merged", "called_back_unanswered"].contains(anomaly)
            if isBeside || isIgnored || (before == "closed" && step == "called_back") { continue }
            state = step
            stages.append(fact)
        }
    }

    private func amiss(_ step: String, _ isBeside: Bool) -> String? {
        guard let state else { return step == "received" ? nil : "never_received" }
        if step == "received" { return "received_again" }
        if isBeside ? !["closed", "merged"].contains(state) : Self.mayCome[state]?.split(separator: " ").contains(Substring(step)) == true { return nil }
        switch (state, step) {
        case ("closed", _): return "after_closed"
        case ("merged", _): return "after_merged"
        case (_, "reopened"): return "reopened_unclosed"
        case (_, "called_back"): return "called_back_unanswered"
        default: return "out_of_order"
        }
    }
}
