/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// The seed is mixed first: the step is a constant, so that seeds as they are would give one sequence, shifted.
    package init(seed: UInt64) { state = Self.mix(seed &* 0xD134_2543_DE82_EF95 &+ 0x2545_F491) }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }
    package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    package mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}

/// Makes the facts of one seed: a row of four sites, what stands there, and what is said of it, in any order.
///
/// Distances are clear-cut: inside by a metre at least, near by up to 18 m, away by 22 m or more; two buildings that are
/// equally near have the very same outline. Then plane geometry decides as PostGIS does.
struct FactGenerator {
    var random: SeededGenerator
    /// Numbers of the seed's five sources in `hub.source`: map, police, property manager, water, stewards.
    let sources: [Int32]
    /// Their names.
    let names: [String]
    /// South-west corner of the seed's world; worlds are kilometres apart.
    let origin: Place
    /// Stands in the seed's names and addresses: claims of two seeds are never alike.
    let word: String
    /// Encoded names: one, nearly the same one, and another.
    private let encoded: [String]
    /// A lane of the seed's own: addresses are compared wherever they are.
    let lane: Int

    init(seed: Int, sources: [Int32], names: [String]) {
        random = SeededGenerator(seed: UInt64(seed))
        self.sources = sources
        self.names = names
        word = String("\(seed)".compactMap { $0.wholeNumberValue.map { Array("甲乙丙丁戊己庚辛壬癸")[$0] } })
        var own = SeededGenerator(seed: UInt64(seed) &+ 7_000_000)
        let names = (0..<2).map { _ in (0..<128).map { _ in "0123456789abcdef".randomElement(using: &own) ?? "0" } }
        encoded = [names[0], ["f", "0", "f"] + names[0].dropFirst(3), names[1]].map { "clk1:" + String($0) }
        lane = seed + 1
        origin = Place(x: 100 + Double(seed % 40) / 10, y: 20 + Double(seed / 40 % 100) / 10)
    }

    /// Late and early, some without a date; few dates, so that they meet.
    private mutating func date() -> Int64? {
        random.chance(30) ? nil : 1_700_000_000_000_000 + Int64(random.below(6)) * 3_600_000_000
    }

    mutating func facts(_ count: Int) -> [PlainFact] {
        var facts: [PlainFact] = []
        while facts.count < count {
            let fact = switch random.below(16) {
            case 0...2: building()
            case 14, 15: verdict()
            case 12: random.chance(70) ? decision() : incidentDecision()
            case 13: alertFact()
            case 3, 4: claim()
            case 5: random.chance(25) ? alias() : place()
            case 6, 7: person()
            case 8: network()
            case 9: sensor()
            default: caseFact()
            }
            facts.append(fact)
            // Told again, later: by another run of the adapter.
            if random.chance(10) { facts.append(fact) }
        }
        return facts
    }

    mutating func fact(_ source: Int, _ type: String, _ subject: String, _ payload: [String: Plain] = [:]) -> PlainFact {
        PlainFact(source: sources[source], type: type, subject: subject, occurred: date(), payload: payload)
    }

    // MARK: Geometry

    private func degrees(_ x_m: Double, _ y_m: Double) -> Plain {
        let metres = Double.pi * 6_371_008.8 / 180
        return .array([.number(origin.x + x_m / (metres * cosine(origin.y))), .number(origin.y + y_m / metres)])
    }

    private func rectangle(_ x: Double, _ width: Double) -> Plain {
        let corners = [(x, 0.0), (x + width, 0), (x + width, 30), (x, 30), (x, 0)].map { degrees($0.0, $0.1) }
        return .object(["type": .text("Polygon"), "coordinates": .array([.array(corners)])])
    }

    /// Whole, moved by four metres, or in two pieces.
    private mutating func footprint() -> Plain {
        let x = Double(random.below(4)) * 100
        switch random.below(3) {
        case 0: return .array([rectangle(x, 30)])
        case 1: return .array([rectangle(x + 4, 30)])
        default: return .array([rectangle(x, 14), rectangle(x + 16, 11)])
        }
    }

    private mutating func point() -> Plain {
        let x = Double(random.below(4)) * 100 + random.pick([7, 15, 22, 38, 48, 60])
        let place = degrees(x, 15)
        // Some maps have systems of their own; a site's plane is no place on earth.
        switch random.below(12) {
        case 0:
            guard let position = place.position else { break }
            let map = ChineseGrid.gcj02(ofWGS84: position)
            return .object(["type": .text("Point"), "coordinates": .array([.number(map.x), .number(map.y)]), "crs": .text("GCJ-02")])
        case 1: return .object(["type": .text("Point"), "coordinates": place, "crs": .text("local:site")])
        default: break
        }
        return .object(["type": .text("Point"), "coordinates": place])
    }

    // MARK: Things

    private mutating func building() -> PlainFact {
        let subject = "building/b\(random.below(4))"
        if random.chance(12) { return fact(0, random.pick(["building.removed", "building.demolished"]), subject) }
        var payload: [String: Plain] = ["height_m": .number(Double(random.below(8)) * 1.5)]
        if random.chance(75) { payload["footprint"] = footprint() }
        if random.chance(50) { payload["name"] = .text("\(word)楼\(random.below(3)) \"甲\"") }
        if random.chance(20) { payload["building"] = .text(reference()) }
        return fact(0, "building.described", subject, payload)
    }

    /// A reference to a building: to a map's, to one's own, or to none that exists.
    mutating func reference() -> String {
        random.pick(["\(names[0]):b\(random.below(4))", "p\(random.below(3))", "\(names[2]):p0", "nobody:1", "nothing"])
    }

    /// Another department's claim of a building.
    private mutating func claim() -> PlainFact {
        let source = 1 + random.below(2), subject = "building/p\(random.below(3))"
        if random.chance(12) { return fact(source, "building.removed", subject) }
        var payload: [String: Plain] = ["address": .text("\(word)\(random.pick(["路", "路", "苑"]))\(random.below(4))\(random.chance(40) ? "弄\(1 + random.below(2))号" : "号")"), "floors": .number(Double(random.below(5)))]
        if random.chance(50) { payload["building"] = .text(reference()) }
        if random.chance(50) { payload["location"] = point() }
        if random.chance(15) { payload["footprint"] = footprint() }
        if random.chance(50) { payload["address"] = .text(random.pick(["东昌路\(lane)弄3号", "东昌路\(lane)弄5号", "\(word)苑3幢", "\(word)苑3幢"])) }
        if random.chance(40) { payload["compound"] = .text("c\(random.below(2))") }
        if random.chance(40) { payload["height_m"] = .number(Double(random.below(8)) * 1.5) }
        if random.chance(40) { payload["name"] = .text(word + random.pick(["楼0 \"甲\"", "楼", "楼九"])) }
        return fact(source, "building.described", subject, payload)
    }

    /// A home as registers write it: by the lane's door, by the compound's building, or without an entrance.
    private mutating func homeAddress() -> String {
        let place = random.pick(["\(word)路\(random.below(4))弄\(1 + random.below(3))号", "\(word)苑\(random.below(4))幢\(1 + random.below(2))单元", "\(word)苑\(random.below(4))幢"])
        return place + random.pick(["101室", "101室", "\(1 + random.below(2))0\(random.below(2))室", ""])
    }

    /// Whose word stands for one attribute of a building, by a steward or by a department that has no say in it.
    private mutating func decision() -> PlainFact {
        let source = random.chance(85) ? 4 : 2
        let building = random.pick(["\(names[0]):b\(random.below(4))", "\(names[1]):p\(random.below(3))"])
        let attribute = random.pick(["name", "address", "height_m", "height_m", "floors", "compound"])
        let subject = "conflict/building/\(building)/\(attribute)"
        if random.chance(20) { return fact(source, "conflict.reopened", subject) }
        let chosen = random.pick([building, "\(names[1]):p\(random.below(3))", "\(names[2]):p\(random.below(3))", "nobody:1"])
        return fact(source, "conflict.resolved", subject, [
            "entity_kind": .text("building"), "entity": .text(building), "attribute": .text(attribute), "chosen": .text(chosen),
            "decided_by": .text("wang"), "reason": .text("seen on site"),
        ])
    }

    /// Whether two claims are one thing, by a steward or by a department that has no say in it; some about others than the subject says.
    private mutating func verdict() -> PlainFact {
        let source = random.chance(85) ? 4 : 2
        let kind = random.pick(["building", "building", "dwelling", "person"])
        func claim() -> String {
            switch kind {
            case "building": random.pick([0, 0, 1, 1, 2].map { "\(names[$0]):\($0 == 0 ? "b" : "p")\(random.below($0 == 0 ? 4 : 3))" })
            case "dwelling": random.pick((0..<3).map { _ in "\(names[1 + random.below(2)]):x\(random.below(2))" } + ["\(names[1]):\(names[1])-\(random.below(2))"])
            default: random.pick(["\(names[1]):\(names[1])-\(random.below(2))", "\(names[2]):\(names[1])-\(random.below(2)):benefit:低保", "\(names[1]):\(names[1])-e\(random.below(2))"])
            }
        }
        let pair = [claim(), claim()].sorted()
        let subject = "identity/\(kind)/\(pair[0]) \(pair[1])"
        if random.chance(20) { return fact(source, "identity.reopened", subject) }
        let about = random.chance(95) ? pair : [claim(), claim()], isSame = random.chance(60)
        return fact(source, isSame ? "identity.merged" : "identity.split", subject, [
            "entity_kind": .text(kind), "claim": .text(about[0]), "other": .text(about[1]), "verdict": .text(isSame ? "same" : "different"),
            "decided_by": .text("wang"), "reason": .text("seen on site"),
        ])
    }

    /// What the resolver of a kind has learned, by the source's number.
    static func calibration(_ kind: String, attributes: [Int], mark: String, source: Int32, _ random: inout SeededGenerator) -> PlainFact {
        func shares(_ levels: Int, _ first: Double) -> Plain {
            .array([.number(1), .number(first)] + (2..<levels).map { _ in .number((1 - first) / Double(levels - 2)) })
        }
        let parameters: [String: Plain] = [
            "share": .number(random.pick([0.05, 0.2])), "m": .array(attributes.map { shares($0, random.pick([0.5, 0.75, 0.875])) }),
            "u": .array(attributes.map { shares($0, random.pick([0.0625, 0.125, 0.25])) }), "link_from": .number(random.pick([0.75, 0.9])), "review_from": .number(0.25),
        ]
        return PlainFact(
            source: source, type: "resolver.calibrated", subject: "resolver/\(kind)", occurred: nil,
            payload: [
                "entity_kind": .text(kind), "rules": .text(random.chance(15) ? "others" : mark), "parameters": .object(parameters), "decided_by": .text("wang"),
                "reason": .text("learned"),
            ])
    }

    /// That one of the seed's roads or numbers is another one's name for some hours, by a steward or by a department.
    private mutating func alias() -> PlainFact {
        let source = random.chance(60) ? 4 : 2, subject = "alias/\(random.below(3))"
        if random.chance(20) { return fact(source, "address.unaliased", subject) }
        let (name, other) = random.pick([("苑", "路"), ("路", "大道"), ("路0号", "路1号"), ("路2号", "路1号")])
        var payload: [String: Plain] = ["name": .text(word + name), "stands_for": .text(word + other)]
        func hour() -> Plain { .text("2023-11-1\(random.chance(50) ? 4 : 5)T0\(random.below(4)):13:20Z") }
        if random.chance(40) { payload["valid_from"] = hour() }
        if random.chance(40) { payload["valid_to"] = hour() }
        return fact(source, "address.aliased", subject, payload)
    }

    private mutating func place() -> PlainFact {
        let kind = random.pick(["building_part", "entrance", "entrance", "address", "compound", "compound", "dwelling", "dwelling", "dwelling", "grid_cell", "camera", "organisation"])
        let subject = "\(kind)/x\(random.below(2))", source = kind == "dwelling" ? 1 + random.below(2) : 2
        if random.chance(15) { return fact(source, "\(kind).removed", subject) }
        var payload: [String: Plain] = ["name": .text("\(word)n\(random.below(3))"), "address": .text("a\(random.below(3))")]
        switch kind {
        case "building_part":
            payload["height_m"] = .number(Double(random.below(50)))
            if random.chance(50) { payload["footprint"] = .array([rectangle(Double(random.below(4)) * 100 + 2, 8)]) }
        case "grid_cell":
            payload["households"] = .number(Double(random.below(500)))
            payload["footprint"] = .array([rectangle(Double(random.below(4)) * 100, 150)])
        case "compound":
            if random.chance(50) { payload["address"] = .text("\(word)路\(random.below(4))号") }
            payload["manager"] = .text("物业\(random.below(2))")
            if random.chance(75) { payload["aliases"] = random.pick([.array([.text("\(word)苑"), .text("\(word)园")]), .array([.text("\(word)园")]), .text("无")]) }
            return fact(2, "compound.described", "compound/c\(random.below(2))", payload)
        case "dwelling":
            if random.chance(40) { payload["entrance"] = .text(random.pick(["1单元", "1单元", "2单元"])) }
            payload["room"] = .text(random.pick(["101", "101", "\(1 + random.below(2))0\(random.below(2))"]))
            payload["area_m2"] = .number(60.25)
        default: break
        }
        if random.chance(kind == "dwelling" ? 85 : 40) { payload["building"] = .text(kind == "dwelling" && random.chance(70) ? "\(names[1]):p0" : reference()) }
        if kind != "dwelling", random.chance(60) { payload["location"] = point() }
        return fact(source, "\(kind).described", subject, payload)
    }

    private mutating func person() -> PlainFact {
        let erasable = "person/\(names[1])-e\(random.below(3))"
        if random.chance(12) {
            return fact(3, "subject.erased", erasable, ["keys": .array(random.chance(50) ? [.text("\(names[1])-k\(random.below(4))")] : [])])
        }
        let subject = random.chance(40) ? erasable : "person/\(names[1])-\(random.below(3))"
        let building: [String: Plain] = random.chance(90) ? ["building": .text(random.pick(["p0", "p0", "p1", "\(names[0]):b0"]))] : [:]
        switch random.below(9) {
        case 0...3:
            var payload = building
            payload.merge(known()) { a, _ in a }
            if random.chance(40) { payload["dwelling"] = .text(random.pick(["x0", "\(names[2]):x1", "p0-101"])) }
            if random.chance(60) { payload["address"] = .text(homeAddress()) }
            if random.chance(60) { payload["since"] = .text(random.pick(["2020-05-01", "2020-05-01", "2020-06-01", "1900-01-01"])) }
            if random.chance(25) { payload["name"] = .text("sealed:\(names[1])-k\(random.below(4)):x") }
            if random.chance(30) { payload["phone"] = .text(random.pick(["sealed:\(names[1])-k\(random.below(4)):y", "1**********", "sealed"])) }
            return fact(1, "resident.registered", subject, payload)
        case 4: return fact(1, "resident.deregistered", subject)
        case 5: return fact(2, random.pick(["occupancy.declared", "occupancy.declared", "occupancy.ended"]), "dwelling/\(random.below(3))",
                            building.merging(["occupants": .number(Double(random.below(6)))]) { a, _ in a })
        case 6: return fact(2, "benefit.granted", subject, building.merging(known().merging(["benefit": .text(random.pick(["低保", "残疾"]))]) { a, _ in a }) { a, _ in a })
        case 7: return fact(2, "benefit.stopped", subject, random.chance(50) ? ["benefit": .text("低保")] : [:])
        default: return fact(2, random.pick(["care.enrolled", "care.ended"]), subject, building.merging(["kind": .text("独居")]) { a, _ in a })
        }
    }

    /// What registers know of a person beside the number.
    private mutating func known() -> [String: Plain] {
        var known: [String: Plain] = [:]
        if random.chance(70) { known["name"] = .text(random.pick(encoded)) }
        if random.chance(70) { known["birth_year"] = .number(Double(1950 + random.below(3))) }
        if random.chance(70) { known["sex"] = .text(random.pick(["male", "female"])) }
        return known
    }

    // MARK: Series and cases

    private mutating func sensor() -> PlainFact {
        let subject = "sensor/s\(random.below(3))"
        if random.chance(50) { return readings(subject) }
        if random.chance(15) { return fact(2, random.pick(["sensor.retired", "sensor.removed"]), subject) }
        var payload: [String: Plain] = ["observed_property": .text("水位"), "unit": .text("m")]
        if random.chance(30) { payload["building"] = .text(reference()) }
        if random.chance(30) { payload["feature_of_interest"] = .text(random.pick(["pipe/P1", "building/p1", "building/\(names[0]):b1"])) }
        if random.chance(70) { payload["location"] = point() }
        return fact(2, "sensor.described", subject, payload)
    }

    private mutating func readings(_ subject: String) -> PlainFact {
        let count = 1 + random.below(4), first = random.below(6)
        let times = (0..<count).map { Plain.text("2024-05-01T0\((first + $0 * (random.chance(20) ? 0 : 1)) % 8):00:00Z") }
        let values = (0..<count).map { _ in random.chance(15) ? Plain.null : .number(Double(random.below(100)) / 4) }
        var payload: [String: Plain] = ["times": .array(times), "values": .array(values), "unit": .text("m")]
        if random.chance(80) { payload["property"] = .text(random.pick(["水位", "temperature"])) }
        if random.chance(20) { payload["quality"] = random.chance(50) ? .text("good") : .array(values.map { _ in .text(random.pick(["good", "bad"])) }) }
        return fact(2, "observations.recorded", subject, payload)
    }

    /// The cases of a seed: three of the police, two of the property manager's.
    private mutating func caseOfSomebody() -> (source: Int, key: String) {
        random.chance(65) ? (1, "k\(random.below(3))") : (2, "d\(random.below(2))")
    }

    /// Whether two cases are reports of one incident, by a steward or by a department that has no say in it.
    private mutating func incidentDecision() -> PlainFact {
        let source = random.chance(85) ? 4 : 2
        let ids = [caseOfSomebody(), caseOfSomebody()].map { "\(names[$0.source]):\($0.key)" }.sorted()
        let subject = "incident/\(ids[0])/\(ids[1])"
        if random.chance(25) { return fact(source, "incident.undecided", subject) }
        return fact(source, "incident.decided", subject, [
            "first_case": .text(ids[0]), "second_case": .text(ids[1]), "verdict": .text(random.pick(["merged", "split"])), "decided_by": .text("wang"),
        ])
    }

    private mutating func caseFact() -> PlainFact {
        let (source, key) = caseOfSomebody(), subject = "case/\(key)"
        if random.chance(35) {
            var payload: [String: Plain] = ["category": .text(random.pick(["noise", "water"])), "channel": .text("12345")]
            if random.chance(30) { payload["description"] = .text(random.pick(["楼上噪声", "楼上有噪声", "工程施工", "楼上喧哗有噪声", "电梯停了", "电梯停了，老人下不来", "楼上漏水，有噪声", "漏水了", "不知道"])) }
            if random.chance(40) { payload["address"] = .text(random.pick(
                ["3号601室", "3号502室", "5号601室"].map { "东昌路\(lane)弄\($0)" } + ["\(lane) A ST", "\(word)苑3幢601室", "\(word)园3幢", "\(word)园3幢"])) }
            if random.chance(30) { payload["building"] = .text(reference()) }
            if random.chance(70) { payload["location"] = point() }
            if random.chance(20) { payload["urgency"] = .text(random.pick(["一般", "紧急"])) }
            return fact(source, "case.received", subject, payload)
        }
        if random.chance(10) { return fact(source, "case.withdrawn", subject) }
        let step = random.pick([
            "dispatched", "accepted", "returned", "contacted", "progressed", "answered", "closed", "closed", "closed", "reopened", "called_back", "reminded",
            "extended", "escalated", "shelved", "merged",
        ])
        var payload: [String: Plain] = random.chance(30) ? ["handler": .text("h\(random.below(3))")] : [:]
        if step == "merged" { payload["into"] = .text(random.pick(["k0", "\(names[2]):7"])) }
        return fact(source, "case.\(step)", subject, payload)
    }
}
