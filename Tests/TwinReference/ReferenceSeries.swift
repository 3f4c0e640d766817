import Foundation

extension ReferenceFold {
    // MARK: Sensors and their readings

    func sensorRows(_ links: ReferenceLinks) -> [String] {
        present("sensor", ended: ["sensor.retired"]).map { claim in
            let payload = claim.payload, link = sensorLink(claim, links)
            return row("sensor", [
                claim.id, text(payload["observed_property"]), text(payload["unit"]), text(payload["feature_of_interest"]), link?.building,
                link?.method, "\(claim.position)",
            ])
        }
    }

    func sensorLink(_ claim: ReferenceClaim, _ links: ReferenceLinks) -> (building: String, method: String)? {
        var named = claim.payload["building"]
        if named == nil, let feature = claim.payload["feature_of_interest"]?.text, feature.hasPrefix("building/") {
            named = .text(String(feature.dropFirst(9)))
        }
        return links.building(of: claim, naming: named, at: ReferenceLinks.place(claim.payload["location"]))
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

    // MARK: Freshness

    func freshnessRows() -> [String] {
        let kinds = [
            "resident.registered": "resident", "resident.deregistered": "resident", "occupancy.declared": "occupancy",
            "occupancy.ended": "occupancy", "benefit.granted": "benefit", "benefit.stopped": "benefit", "care.enrolled": "benefit",
            "care.ended": "benefit", "observations.recorded": "observation", "alert.cleared": "alert_end", "sensor.silenced": "silence",
            "sensor.resumed": "silence", "address.aliased": "alias", "address.unaliased": "alias",
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
