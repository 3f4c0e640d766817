import Foundation

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
                if let known = readings[key], known.fact.position > fact.position { continue }
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
            let counted = steps.filter { Self.stages.contains(step($0)) }
            func order(_ fact: PlainFact) -> Order { Order(fact, among: counted, stage: Self.stages.firstIndex(of: step(fact)) ?? -1) }
            // A call-back leaves a closed case closed.
            let last = counted.filter { step($0) != "called_back" }.max { order($0) < order($1) }
            let latest = last.map(step) == "closed" ? last : counted.max { order($0) < order($1) }
            let closing = counted.filter { ["closed", "reopened"].contains(step($0)) }.max { order($0) < order($1) }
            let isClosed = closing.map(step) == "closed"
            let isOpen = !isClosed && latest.map(step) != "merged"
            let closed = isClosed ? closing?.occurred : nil
            let link = links.building(of: claim, naming: claim.payload["building"], at: ReferenceLinks.place(claim.payload["location"]))
            return [
                row("case", [
                    claim.id, text(claim.payload["channel"]), text(claim.payload["category"]), latest.map(step), isOpen ? "t" : "f",
                    claim.occurred.map(String.init), closed.map(String.init), link?.building, link?.method, latest.map { "\($0.effective)" },
                    "\(claim.position)",
                ])
            ] + steps.map { fact in
                row("case_step", [
                    claim.id, step(fact), fact.occurred.map(String.init), "\(fact.effective)", text(fact.payload["handler"]), "\(fact.position)",
                ])
            }
        }
    }

    private func step(_ fact: PlainFact) -> String { String(fact.type.dropFirst(5)) }

    /// What decides which of a case's steps is the latest.
    private struct Order: Comparable {
        /// A case is received before all else, whatever the dates say.
        let isReceipt: Bool
        /// A step without a date comes right after everything that was told before it.
        let moment: Int64
        let undated: Int64
        /// Of several at one moment the furthest counts.
        let stage: Int
        let position: Int64

        init(_ fact: PlainFact, among steps: [PlainFact], stage: Int) {
            isReceipt = fact.type == "case.received"
            let before = steps.filter { $0.position < fact.position && $0.type != "case.received" }
            moment = fact.occurred ?? before.compactMap(\.occurred).max() ?? .min
            undated = fact.occurred == nil ? fact.position : 0
            self.stage = stage
            position = fact.position
        }

        static func < (a: Order, b: Order) -> Bool {
            a.isReceipt != b.isReceipt ? a.isReceipt : (a.moment, a.undated, a.stage, a.position) < (b.moment, b.undated, b.stage, b.position)
        }
    }

    /// One fact a step and date: the one told last.
    private func steps(of id: String) -> [PlainFact] {
        struct Key: Hashable { var type: String, occurred: Int64? }
        let all = facts.filter { $0.type.hasPrefix("case.") && !["case.withdrawn", "case.removed"].contains($0.type) && self.id($0) == id }
        return Dictionary(grouping: all) { Key(type: $0.type, occurred: $0.occurred) }.values
            .compactMap { $0.max { $0.position < $1.position } }
    }

    // MARK: Freshness

    func freshnessRows() -> [String] {
        let kinds = [
            "resident.registered": "resident", "resident.deregistered": "resident", "occupancy.declared": "occupancy",
            "occupancy.ended": "occupancy", "benefit.granted": "benefit", "benefit.stopped": "benefit", "care.enrolled": "benefit",
            "care.ended": "benefit", "observations.recorded": "observation",
        ]
        struct Key: Hashable { var kind: String, source: Int32 }
        // Also of what was erased since: that the source told something stays true.
        let groups = Dictionary(grouping: told.filter { $0.type != "subject.erased" }) { fact in
            Key(kind: kinds[fact.type] ?? String(fact.type.prefix { $0 != "." }), source: fact.source)
        }
        return groups.map { key, facts in
            row("freshness", [
                key.kind, name(key.source), facts.flatMap(dates).max().map(String.init), facts.map(\.recorded).max().map(String.init),
                facts.map(\.position).max().map(String.init), "\(facts.count)",
            ])
        }
    }

    /// When what a fact says was so; of readings their own times.
    private func dates(_ fact: PlainFact) -> [Int64] {
        guard fact.type == "observations.recorded" else { return [fact.occurred].compactMap(\.self) }
        return (fact.payload["times"]?.array ?? []).compactMap { time in
            time.text.flatMap { try? Date($0, strategy: .iso8601) }.map { Int64($0.timeIntervalSince1970) * 1_000_000 }
        }
    }
}
