extension ReferenceFold {
    // MARK: Sensors and their readings

    func sensorRows(_ links: ReferenceLinks) -> [String] {
        present("sensor", ended: ["sensor.retired"]).map { claim in
            let payload = claim.payload
            var named = payload["building"]
            if named == nil, let feature = payload["feature_of_interest"]?.text, feature.hasPrefix("building/") {
                named = .text(String(feature.dropFirst(9)))
            }
            let link = links.building(of: claim, naming: named, at: ReferenceLinks.place(payload["location"]))
            return row("sensor", [
                claim.id, text(payload["observed_property"]), text(payload["unit"]), text(payload["feature_of_interest"]), link?.building,
                link?.method, "\(claim.position)",
            ])
        }
    }

    func observationRows() -> [String] {
        struct Key: Hashable { var sensor: String, property: String, time: String }
        var readings: [Key: (fact: PlainFact, value: Double?, quality: String?)] = [:]
        for fact in facts where fact.type == "observations.recorded" {
            for (at, time) in (fact.payload["times"]?.array ?? []).enumerated() {
                let key = Key(sensor: id(fact), property: text(fact.payload["property"]) ?? "", time: time.text ?? "")
                if let known = readings[key], (known.fact.effective, known.fact.position) > (fact.effective, fact.position) { continue }
                let quality = fact.payload["quality"]
                readings[key] = (fact, fact.payload["values"]?.array?[at].number, quality?.text ?? quality?.array?[at].text)
            }
        }
        return readings.map { key, reading in
            row("observation", [
                key.sensor, key.time, reading.value.map(plainNumber), text(reading.fact.payload["unit"]), key.property, reading.quality,
                "\(reading.fact.position)",
            ])
        }
    }

    // MARK: Cases

    private static let stages = [
        "received", "dispatched", "accepted", "returned", "contacted", "progressed", "answered", "called_back", "closed", "reopened",
        "shelved", "merged",
    ]

    func caseRows(_ links: ReferenceLinks) -> [String] {
        let cases = present(["case.received"], ended: ["case.withdrawn", "case.removed"], told: { $0.hasPrefix("case.") })
        return cases.flatMap { claim -> [String] in
            let steps = steps(of: claim.id)
            let counted = counted(steps)
            // A call-back leaves a closed case closed.
            let last = counted.filter { step($0) != "called_back" }.max { order($0) < order($1) }
            let latest = last.map(step) == "closed" ? last : counted.max { order($0) < order($1) }
            let closing = counted.filter { ["closed", "reopened"].contains(step($0)) }.max { order($0) < order($1) }
            let closed = closing.flatMap { step($0) == "closed" ? $0.occurred : nil }
            let link = links.building(of: claim, naming: claim.payload["building"], at: ReferenceLinks.place(claim.payload["location"]))
            return [
                row("case", [
                    claim.id, text(claim.payload["channel"]), text(claim.payload["category"]), latest.map(step), claim.occurred.map(String.init),
                    closed.map(String.init), link?.building, link?.method, latest.map { "\($0.effective)" }, "\(claim.position)",
                ])
            ] + steps.map { fact in
                row("case_step", [
                    claim.id, step(fact), fact.occurred.map(String.init), "\(fact.effective)", text(fact.payload["handler"]), "\(fact.position)",
                ])
            }
        }
    }

    private func step(_ fact: PlainFact) -> String { String(fact.type.dropFirst(5)) }

    /// A case is received before all else, whatever the dates say.
    private func order(_ fact: PlainFact) -> (Int, Int64, Int, Int64) {
        (fact.type == "case.received" ? 0 : 1, fact.effective, Self.stages.firstIndex(of: step(fact)) ?? -1, fact.position)
    }

    /// One fact a step and date: the one told last.
    private func steps(of id: String) -> [PlainFact] {
        struct Key: Hashable { var type: String, occurred: Int64? }
        let all = facts.filter { $0.type.hasPrefix("case.") && !["case.withdrawn", "case.removed"].contains($0.type) && self.id($0) == id }
        return Dictionary(grouping: all) { Key(type: $0.type, occurred: $0.occurred) }.values
            .compactMap { $0.max { $0.position < $1.position } }
    }

    /// The steps that decide the status. A reopening without a date and the closings are ordered by position.
    private func counted(_ steps: [PlainFact]) -> [PlainFact] {
        let undone = steps.filter { $0.type == "case.reopened" && $0.occurred == nil }.map(\.position).max() ?? .min
        let closed = steps.filter { $0.type == "case.closed" }.map(\.position).max() ?? .min
        return steps.filter { fact in
            guard Self.stages.contains(step(fact)) else { return false }
            if fact.type == "case.closed" { return fact.position > undone }
            if fact.type == "case.reopened", fact.occurred == nil { return fact.position > closed }
            return true
        }
    }

    // MARK: Freshness

    func freshnessRows() -> [String] {
        let kinds = [
            "resident.registered": "resident", "resident.deregistered": "resident", "occupancy.declared": "occupancy",
            "occupancy.ended": "occupancy", "benefit.granted": "benefit", "benefit.stopped": "benefit", "care.enrolled": "benefit",
            "care.ended": "benefit", "observations.recorded": "observation",
        ]
        struct Key: Hashable { var kind: String, source: Int32 }
        let groups = Dictionary(grouping: facts) { fact in
            Key(kind: kinds[fact.type] ?? String(fact.type.prefix { $0 != "." }), source: fact.source)
        }
        return groups.map { key, facts in
            row("freshness", [
                key.kind, name(key.source), facts.compactMap(\.occurred).max().map(String.init), facts.map(\.recorded).max().map(String.init),
                facts.map(\.position).max().map(String.init), "\(facts.count)",
            ])
        }
    }
}
