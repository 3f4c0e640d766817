extension FactGenerator {
    /// Nodes and links of a network in its own units; some placed, on the same row of sites.
    mutating func network() -> PlainFact {
        let kind = random.pick(["junction", "tank", "reservoir", "pipe", "pipe", "pipe", "valve", "pump"])
        let subject = "\(kind)/N\(random.below(2))"
        func fact(_ type: String, _ payload: [String: Plain] = [:], _ date: Int64?) -> PlainFact {
            PlainFact(source: sources[3], type: type, subject: subject, occurred: date, payload: payload)
        }
        let date = random.chance(50) ? nil : 1_700_000_000_000_000 + Int64(random.below(6)) * 3_600_000_000
        if random.chance(15) { return fact("\(kind).\(random.pick(["removed", "retired"]))", [:], date) }
        var payload: [String: Plain] = ["network": .text("N")]
        if random.chance(80) { payload["flow_units"] = .text(random.pick(["LPS", "GPM", "CMH"])) }
        let frame = Frame(scale: random.pick([0.5, 1, 2]), rotation_deg: random.pick([0, 90]), anchor: Place(x: 1000, y: 500))
        if random.chance(80) {
            payload["placement"] = .object([
                "origin": .array([.number(origin.x), .number(origin.y)]), "anchor": .array([.number(frame.anchor.x), .number(frame.anchor.y)]),
                "scale": .number(frame.scale), "rotation_deg": .number(frame.rotation_deg),
            ])
        }
        payload.merge(own(kind, frame)) { a, _ in a }
        return fact("\(kind).described", payload, date)
    }

    /// How the network's plane lies on the seed's metres.
    private struct Frame {
        var scale: Double
        var rotation_deg: Double
        var anchor: Place

        /// The network's own coordinates of a place in metres.
        func local(_ x: Double, _ y: Double) -> [Plain] {
            let turned = rotation_deg == 90 ? (y, -x) : (x, y)
            return [.number(anchor.x + turned.0 / scale), .number(anchor.y + turned.1 / scale)]
        }
    }

    private mutating func own(_ kind: String, _ frame: Frame) -> [String: Plain] {
        let size = Plain.number(Double(1 + random.below(20)) / 2)
        switch kind {
        case "junction", "tank", "reservoir":
            let place = frame.local(Double(random.below(4)) * 100, 15)
            return ["elevation": size, "head": size, "demand": size, "diameter": size, "min_volume": size, "x": place[0], "y": place[1]]
        case "valve":
            return ["type": .text(random.pick(["PRV", "FCV"])), "setting": size, "diameter": size].merging(course(frame)) { a, _ in a }
        case "pump": return ["parameters": .text(random.pick(["HEAD 8", "POWER 50"]))].merging(course(frame)) { a, _ in a }
        default: return ["length": size, "diameter": size, "roughness": size].merging(course(frame)) { a, _ in a }
        }
    }

    /// Along the sites, between them, or beside them: crossing, within four metres, or seven and more away.
    private mutating func course(_ frame: Frame) -> [String: Plain] {
        let x = Double(random.below(4)) * 100
        let courses: [[(Double, Double)]] = [
            [(x - 20, 15), (x + 50, 15)], [(x - 20, 32), (x + 50, 32)], [(x - 20, 37), (x + 50, 37)], [(x + 31, -20), (x + 31, 50)],
            [(-20, 15), (350, 15)], [(x + 31, -9), (x + 60, -9), (x + 60, 15)],
        ]
        let path = random.pick(courses).map { Plain.array(frame.local($0.0, $0.1)) }
        return ["path": .array(path), "starts_at": .text("J\(random.below(3))"), "ends_at": .text("J\(random.below(3))")]
    }
}
