extension ReferenceFold {
    // MARK: Alerts and silences

    func alertRows(_ links: ReferenceLinks) -> [String] {
        let ends = claims(["alert.cleared"], ended: [])
        return claims(["alert.raised"], ended: []).values.map { claim in
            let payload = claim.payload, end = ends[claim.id]
            let sensor = reference(payload["sensor"], of: claim.source)
            let named = reference(payload["building"], of: claim.source).flatMap { links.buildings[$0]?.building }
            return row("alert", [
                claim.id, text(payload["rule"]), text(payload["level"]), text(payload["to"]), claim.occurred.map(String.init), end?.occurred.map(String.init),
                end == nil ? "t" : "f", text(end?.payload["reason"]), sensor, sensor.flatMap { building(ofSensor: $0, links) } ?? named,
                number(payload["value"]), reference(payload["case"], of: claim.source), text(payload["note"]), "\(max(claim.position, end?.position ?? 0))",
            ])
        }
    }

    func silenceRows(_ links: ReferenceLinks) -> [String] {
        present(["sensor.silenced"], ended: ["sensor.resumed"]).map { claim in
            let sensor = reference(claim.payload["sensor"], of: claim.source)
            return row("sensor_silence", [
                sensor, text(claim.payload["last_at"]), number(claim.payload["usual_seconds"]), claim.occurred.map(String.init),
                sensor.flatMap { building(ofSensor: $0, links) }, text(claim.payload["rule"]), "\(claim.position)",
            ])
        }
    }

    private func building(ofSensor id: String, _ links: ReferenceLinks) -> String? {
        present("sensor", ended: ["sensor.retired"]).first { $0.id == id }.flatMap { sensorLink($0, links)?.building }
    }
}

extension FactGenerator {
    /// What a rule found: raised, cleared, before and after each other, of sensors that are there or not.
    mutating func alertFact() -> PlainFact {
        let sensor = random.pick(["\(names[2]):s0", "\(names[2]):s1", "s0", "nobody:1"])
        if random.chance(30) {
            let subject = "sensor/\(names[2]):s\(random.below(3))"
            if random.chance(40) { return fact(3, "sensor.resumed", subject, ["sensor": .text(sensor)]) }
            var payload: [String: Plain] = ["sensor": .text(sensor), "rule": .text("sensor-silent/2"), "last_at": .text("2024-05-01T04:00:03Z")]
            if random.chance(50) { payload["usual_seconds"] = .number(Double(random.below(9)) * 7.5) }
            return fact(3, "sensor.silenced", subject, payload)
        }
        let subject = "alert/gas-1-\(random.below(4))"
        if random.chance(40) { return fact(3, "alert.cleared", subject, random.chance(30) ? ["reason": .text("sensor retired")] : [:]) }
        var payload: [String: Plain] = ["rule": .text("gas/1"), "level": .text("urgent"), "note": .text("t")]
        if random.chance(70) { payload["sensor"] = .text(sensor) }
        if random.chance(50) { payload["building"] = .text(reference()) }
        if random.chance(60) { payload["value"] = .number(Double(random.below(90)) / 4) }
        if random.chance(50) { payload["to"] = .text("gas company") }
        if random.chance(50) { payload["case"] = .text(random.pick(["k0", "\(names[1]):k1"])) }
        return fact(3, "alert.raised", subject, payload)
    }
}
