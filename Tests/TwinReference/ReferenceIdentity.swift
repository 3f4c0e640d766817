import Foundation

/// How claims of one kind are compared, written down a second time.
struct ReferenceRules {
    enum Form { case code, text, encoding, place }
    var attributes: [(name: String, form: Form)]
    var blocks: [[String]]
    var vetoes: [[String]]
    /// From which level to which attributes must agree so that claims are one thing, and so that a steward is asked; the surer first.
    var keys: [[String: ClosedRange<Int>]] = []
    /// Those keys that join nobody with two things that contradict each other.
    var unambiguous: Set<Int> = []
    var doubts: [[String: ClosedRange<Int>]] = []

    static let building = ReferenceRules(
        attributes: [("outline", .code), ("door", .code), ("compound", .text), ("building", .code), ("entrance", .code), ("name", .text), ("place", .place), ("address", .code)],
        blocks: [["door"], ["compound", "building"], ["name"]], vetoes: [["outline"], ["door"], ["building"], ["entrance"]],
        keys: [
            ["door": 1...1, "place": 1...1], ["address": 1...1, "place": 0...3], ["compound": 1...1, "building": 1...1, "place": 1...4], ["name": 1...1, "place": 1...3],
            ["door": 1...1, "place": 1...2],
        ],
        doubts: [["address": 1...1], ["compound": 1...1, "building": 1...1], ["door": 1...1, "place": 1...3]])
    static let dwelling = ReferenceRules(
        attributes: [
            ("building", .code), ("entrance", .code), ("room", .code), ("area", .code), ("named", .code), ("door", .code), ("person", .code), ("moved in", .code),
            ("home", .code),
        ],
        blocks: [["building", "room"], ["door", "room"], ["person", "room"], ["home"]], vetoes: [["building"], ["entrance"], ["room"]],
        keys: [
            ["home": 1...1], ["building": 1...1, "entrance": 1...1, "room": 1...1], ["door": 1...1, "room": 1...1], ["named": 1...1, "area": 1...1],
            ["building": 1...1, "room": 1...1, "person": 1...1], ["building": 1...1, "room": 1...1, "named": 2...2, "moved in": 1...1],
            ["building": 0...0, "room": 1...1, "person": 1...1],
        ],
        unambiguous: [2, 4, 5, 6], doubts: [["building": 1...1, "room": 1...1]])
    static let person = ReferenceRules(
        attributes: [("number", .code), ("name", .encoding), ("birth_year", .code), ("sex", .code), ("building", .code), ("dwelling", .code)],
        blocks: [["number"], ["name", "birth_year"], ["name", "building"], ["building", "birth_year", "sex"]], vetoes: [["birth_year", "sex"]])

    /// 0 missing, 1 equal, higher the less alike; the last level is entirely different.
    func level(_ form: Form, _ a: String?, _ b: String?) -> Int {
        guard let a, let b else { return 0 }
        switch form {
        case .code: return a == b ? 1 : 2
        case .place:
            let places = [a, b].map { $0.split(separator: " ").compactMap { Double($0) } }.map { Box([Place(x: $0[0], y: $0[1])]) }
            let distance = places[0].distance(to: places[1])
            return distance <= 1 ? 1 : distance <= 5 ? 2 : distance <= 20 ? 3 : distance <= 80 ? 4 : 5
        case .text, .encoding:
            if a == b { return 1 }
            let similarity = form == .text ? Self.dice(Self.letterPairs(a), Self.letterPairs(b)) : Self.dice(Self.bits(a), Self.bits(b))
            return similarity >= 0.85 ? 2 : similarity >= 0.65 ? 3 : 4
        }
    }

    func lastLevel(_ form: Form) -> Int { form == .code ? 2 : form == .place ? 5 : 4 }

    private static func letterPairs(_ text: String) -> [String] {
        let letters = ["^"] + text.unicodeScalars.map { String($0) } + ["$"]
        return zip(letters, letters.dropFirst()).map { $0 + $1 }
    }

    private static func bits(_ digits: String) -> [String] {
        digits.dropFirst(5).enumerated().flatMap { place, digit in
            (0..<4).compactMap { bit in (digit.hexDigitValue ?? 0) >> bit & 1 == 1 ? "\(place) \(bit)" : nil }
        }
    }

    private static func dice(_ a: [String], _ b: [String]) -> Double {
        let counts = Dictionary(a.map { ($0, 1) }, uniquingKeysWith: +), others = Dictionary(b.map { ($0, 1) }, uniquingKeysWith: +)
        let both = counts.reduce(0) { $0 + min($1.value, others[$1.key] ?? 0) }
        return 2 * Double(both) / Double(a.count + b.count)
    }
}

/// Which claims of one kind are one thing: every pair is looked at, and everything is gathered at once.
struct ReferenceIdentity {
    struct Place {
        var entity: String
        var method: String
    }

    /// By claim; those that are alone stand for themselves.
    private(set) var places: [String: Place] = [:]
    /// Pairs that the rules link or that are to be reviewed.
    private(set) var pairs: [(left: String, right: String, probability: Double)] = []
    private var decided: [Set<String>: Bool] = [:]
    private(set) var linkFrom = 1.0

    private typealias Link = (left: String, right: String, strength: Double)

    /// - Parameters:
    ///   - claims: by id, what is compared of those that are there, by attribute.
    ///   - words: which building a claim names or stands in.
    init(_ kind: String, _ rules: ReferenceRules, _ claims: [String: [String: String]], words: [String: (building: String, method: String)], _ fold: ReferenceFold) {
        let ids = claims.keys.sorted(by: ReferenceFold.precedes)
        for (pair, isSame) in fold.verdicts(kind) { decided[pair] = isSame }
        var links: [Link] = []
        var vetoed: Set<Set<String>> = []
        if let calibration = fold.calibration(kind) {
            linkFrom = calibration["link_from"]?.number ?? 1
            for (place, left) in ids.enumerated() {
                for right in ids[(place + 1)...] {
                    let a = claims[left] ?? [:], b = claims[right] ?? [:]
                    let levels = rules.attributes.map { rules.level($0.form, a[$0.name], b[$0.name]) }
                    func differs(_ name: String) -> Bool {
                        rules.attributes.firstIndex { $0.name == name }.map { levels[$0] == rules.lastLevel(rules.attributes[$0].form) } ?? false
                    }
                    if rules.vetoes.contains(where: { $0.allSatisfy(differs) }) {
                        vetoed.insert([left, right])
                        continue
                    }
                    guard rules.blocks.contains(where: { $0.allSatisfy { a[$0] != nil && a[$0] == b[$0] } }) else { continue }
                    func agree(_ ranges: [String: ClosedRange<Int>]) -> Bool {
                        ranges.allSatisfy { name, range in rules.attributes.firstIndex { $0.name == name }.map { range.contains(levels[$0]) } ?? false }
                    }
                    var probability = Self.probability(levels, calibration)
                    if let key = rules.keys.firstIndex(where: agree) {
                        probability = 1 - Double(key + 1) / 1_048_576
                    } else if rules.doubts.contains(where: agree), let doubtful = calibration["review_from"]?.number, !(doubtful..<linkFrom).contains(probability) {
                        probability = doubtful
                    }
                    if probability >= calibration["review_from"]?.number ?? 1 { pairs.append((left, right, probability)) }
                    if probability >= linkFrom { links.append((left, right, probability)) }
                }
            }
        }
        for (claim, word) in words where claim != word.building && claims[claim] != nil && claims[word.building] != nil {
            let (left, right) = ReferenceFold.precedes(claim, word.building) ? (claim, word.building) : (word.building, claim)
            links.append((left, right, word.method == "key" ? 3 : word.method == "inside" ? 2 : 0.1))
        }
        for (pair, isSame) in decided where isSame && pair.allSatisfy({ claims[$0] != nil }) {
            let both = pair.sorted(by: ReferenceFold.precedes)
            links.append((both[0], both[1], .infinity))
        }
        let unsure = Set(rules.unambiguous.map { 1 - Double($0 + 1) / 1_048_576 })
        gather(ids, links, vetoed, unsure, hasOutline: { claims[$0]?["outline"] != nil }, stands: { claims[$0]?["outline"] != nil || claims[$0]?["stands"] != nil }, words)
    }

    private static func probability(_ levels: [Int], _ calibration: Plain) -> Double {
        func value(_ table: String, _ attribute: Int, _ level: Int) -> Double { calibration[table]?.array?[attribute].array?[level].number ?? 1 }
        let share = calibration["share"]?.number ?? 0
        var odds = share / (1 - share)
        for (attribute, level) in levels.enumerated() where level > 0 { odds *= value("m", attribute, level) / value("u", attribute, level) }
        return odds / (1 + odds)
    }

    /// The surest first; a group is a list of lists: claims that a steward merged are one list.
    private mutating func gather(
        _ ids: [String], _ links: [Link], _ vetoed: Set<Set<String>>, _ unsure: Set<Double>, hasOutline: (String) -> Bool, stands: (String) -> Bool,
        _ words: [String: (building: String, method: String)]
    ) {
        var groups = ids.map { [[$0]] }
        func group(_ id: String) -> Int { groups.firstIndex { $0.joined().contains(id) } ?? -1 }
        func contradict(_ a: Int, _ b: Int) -> Bool {
            groups[a].contains { some in groups[b].contains { others in some.allSatisfy { x in others.allSatisfy { vetoed.contains([x, $0]) } } } }
        }
        var level = 0.0, torn: Set<String> = []
        for link in links.sorted(by: { ($1.strength, $0.left, $0.right) < ($0.strength, $1.left, $1.right) }) where decided[[link.left, link.right]] != false {
            if link.strength != level {
                level = link.strength
                torn = []
                if unsure.contains(level) {
                    // Who would join two groups that contradict each other joins neither.
                    let same = links.filter { $0.strength == level && decided[[$0.left, $0.right]] != false && group($0.left) != group($0.right) }
                    for id in Set(same.flatMap { [$0.left, $0.right] }) {
                        let partners = same.compactMap { group($0.left) == group(id) ? group($0.right) : group($0.right) == group(id) ? group($0.left) : nil }
                        if partners.contains(where: { x in partners.contains { contradict(x, $0) } }) { torn.insert(id) }
                    }
                }
            }
            let a = group(link.left), b = group(link.right)
            guard a != b, torn.isDisjoint(with: [link.left, link.right]) else { continue }
            let isSplit = groups[a].joined().contains { x in groups[b].joined().contains { decided[[x, $0]] == false } }
            let isVetoed = contradict(a, b)
            // Two outlines are made one by a steward alone.
            let isOutlined = [a, b].allSatisfy { groups[$0].joined().contains(where: hasOutline) }
            if link.strength < .infinity, isSplit || (link.strength > 1 || link.strength == 0.1 ? isOutlined : isVetoed) { continue }
            groups[a] = link.strength == .infinity ? [Array((groups[a] + groups[b]).joined())] : groups[a] + groups[b]
            groups.remove(at: b)
        }
        for members in groups.map({ Array($0.joined()) }) {
            let standing = members.filter(stands)
            guard let entity = (standing.isEmpty ? members : standing).min(by: ReferenceFold.precedes) else { continue }
            for id in members {
                let word = words[id].flatMap { $0.building != id && members.contains($0.building) ? $0.method : nil }
                let isMerged = members.contains { decided[[id, $0]] == true && $0 != id }
                places[id] = Place(entity: entity, method: id == entity ? "self" : word ?? (isMerged ? "steward" : "match"))
            }
        }
    }

    /// The rows of the joined ones, and of the pairs.
    /// - Parameters:
    ///   - personal: of which claims views of their own tell, that stewards alone read.
    ///   - isHome: whether a claim describes a home.
    func rows(_ kind: String, _ fold: ReferenceFold, alone: Bool, personal: (String) -> Bool, isHome: (String) -> Bool = { _ in false }) -> [String] {
        let sizes = Dictionary(places.values.map { ($0.entity, 1) }, uniquingKeysWith: +)
        let described = Dictionary(places.filter { !personal($0.key) }.values.map { ($0.entity, 1) }, uniquingKeysWith: +)
        let claims = places.filter { alone || sizes[$0.value.entity] ?? 0 > 1 }.filter { alone || personal($0.key) || described[$0.value.entity] ?? 0 > 1 }.map { id, place in
            personal(id) ? fold.row(kind == "person" ? "person_claim" : "dwelling_resident", [place.entity, id, place.method]) : fold.row("entity_claim", [kind, place.entity, id, place.method])
        }
        let told = Set(pairs.map { Set([$0.left, $0.right]) })
        let only = decided.keys.filter { !told.contains($0) }.map { pair in
            let both = pair.sorted(by: ReferenceFold.precedes)
            return (left: both[0], right: both[1], probability: Double?.none)
        }
        return claims + (pairs.map { (left: $0.left, right: $0.right, probability: Double?.some($0.probability)) } + only).map { left, right, probability in
            let isSame = (places[left]?.entity ?? left) == (places[right]?.entity ?? right), verdict = decided[[left, right]]
            var isOpen = verdict == nil && !isSame && probability.map { $0 < linkFrom } ?? false
            if personal(left) || personal(right) {
                let things = [left, right].map { places[$0]?.entity ?? $0 }
                // A registered person whose home is described is in no doubt about another one; and each home is asked about once.
                if things.allSatisfy(isHome) || zip(things, [left, right]).contains(where: { isHome($0) && $0 != $1 }) { isOpen = false }
            }
            return fold.row(personal(left) || personal(right) ? "person_pair" : "identity_pair", [
                kind, left, right, probability.map { "\(Int64(($0 * 1e6).rounded()))" }, isSame ? "t" : "f", verdict.map { $0 ? "same" : "different" }, isOpen ? "t" : "f",
            ])
        }
    }
}

extension ReferenceFold {
    /// As PostgreSQL orders under the collation "C".
    static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

    /// What stewards have said of pairs of claims of a kind, of several the last.
    func verdicts(_ kind: String) -> [Set<String>: Bool] {
        var found: [Set<String>: Bool] = [:]
        let claims = present(["identity.merged", "identity.split"], ended: ["identity.reopened", "identity.removed"])
        for claim in claims.sorted(by: { $0.position < $1.position }) where departments[claim.source] == "hub" {
            guard text(claim.payload["entity_kind"]) == kind, let a = text(claim.payload["claim"]), let b = text(claim.payload["other"]), a != b else { continue }
            // What was decided about a person before his erasure is gone with him.
            if kind == "person" || kind == "dwelling", [a, b].contains(where: { id in
                erasedUpTo["\(id.split(separator: ":", omittingEmptySubsequences: false).dropFirst().first ?? "")"].map { $0 > claim.position } ?? false
            }) { continue }
            found[[a, b]] = text(claim.payload["verdict"]) == "same"
        }
        return found
    }

    /// What the resolver of a kind has learned, if it was for the rules of today.
    func calibration(_ kind: String) -> Plain? {
        let fold = ReferenceFold(facts: common, names: names, departments: departments)
        let claims = fold.present(["resolver.calibrated"], ended: ["resolver.withdrawn", "resolver.removed"])
        let last = claims.filter { departments[$0.source] == "hub" && text($0.payload["entity_kind"]) == kind }.max { $0.position < $1.position }
        guard let last, text(last.payload["rules"]) == marks[kind] else { return nil }
        return last.payload["parameters"]
    }

    /// Road and number, or lane, of an address.
    private func door(_ parts: [String: String]) -> String? {
        guard let road = parts["road"], let number = parts["lane"].map({ "弄" + $0 }) ?? parts["road_number"] else { return nil }
        return road + " " + number
    }

    /// The aliases that are told, in the order in which they are tried: the longest, then stewards' words, then the latest.
    func aliases() -> [(name: String, standsFor: String, from: Int64, to: Int64)] {
        present(["address.aliased"], ended: ["address.unaliased", "alias.removed"]).sorted { a, b in
            let lengths = [a, b].map { (text($0.payload["name"]) ?? "").count }, stewards = [a, b].map { departments[$0.source] == "hub" }
            if lengths[0] != lengths[1] { return lengths[0] > lengths[1] }
            return stewards[0] != stewards[1] ? stewards[0] : a.position > b.position
        }.compactMap { claim in
            func moment(_ name: String) -> Int64? { text(claim.payload[name]).flatMap { try? Date($0, strategy: .iso8601) }.map { Int64($0.timeIntervalSince1970) * 1_000_000 } }
            guard let name = text(claim.payload["name"]), let other = text(claim.payload["stands_for"]), name != other else { return nil }
            return (name, other, moment("valid_from") ?? .min, moment("valid_to") ?? .max)
        }
    }

    /// Puts what they stand for in place of names that hold then, each once.
    private static func replace(_ aliases: [(name: String, standsFor: String, from: Int64, to: Int64)], in text: String, at moment: Int64) -> String {
        var text = text, rest = aliases.filter { $0.from <= moment && moment < $0.to }
        while let next = rest.firstIndex(where: { text.contains($0.name) }) {
            text = text.replacingOccurrences(of: rest[next].name, with: rest[next].standsFor)
            rest.remove(at: next)
        }
        return text
    }

    /// What is compared of the buildings that are there.
    func comparedBuildings(_ claims: [ReferenceClaim]) -> [String: [String: String]] {
        let compounds = Dictionary(uniqueKeysWithValues: present("compound").map { ($0.id, $0) })
        let aliases = aliases()
        return Dictionary(uniqueKeysWithValues: claims.map { claim in
            let compound = reference(claim.payload["compound"], of: claim.source).flatMap { compounds[$0] }
            func text(_ value: Plain?) -> String? { self.text(value).map { Self.replace(aliases, in: $0, at: claim.effective ?? .min) } }
            let name = text(claim.payload["name"])
            let parts = (text(claim.payload["address"]) ?? name).map(addressParts) ?? [:]
            var values = ["building": parts["building"], "compound": parts["compound"], "entrance": parts["entrance"], "door": door(parts)].compactMapValues { $0 }
            values["door"] = values["door"] ?? text(compound?.payload["address"]).flatMap { door(addressParts($0)) }
            values["compound"] = values["compound"] ?? text(compound?.payload["name"]).flatMap { addressParts($0)["whole"] }
            values["place"] = ReferenceLinks.placeOrMiddle(claim.payload).map { "\($0.x) \($0.y)" }
            values["name"] = name.flatMap { addressParts($0)["whole"] }
            if ReferenceLinks.boxes(claim.payload["footprint"]) != nil { values["outline"] = claim.id }
            if let door = values["door"], !door.contains(" 弄") || parts["building"] != nil || parts["entrance"] != nil {
                values["address"] = [door, parts["building"] ?? "", parts["entrance"] ?? ""].joined(separator: " ")
            }
            return (claim.id, values)
        })
    }

    /// Rows of what is joined beside buildings.
    func identityRows(_ links: ReferenceLinks) -> [String] {
        var rows = links.identity.rows("building", self, alone: true, personal: { _ in false })
        let known = Set(claims(["dwelling.described"], ended: ["dwelling.removed"]).keys)
        let homes = present("dwelling").map { claim in
            let entrance = text(claim.payload["entrance"]).map { $0.filter(\.isNumber) }
            let words = [named(claim, links), entrance ?? "", text(claim.payload["room"])]
            return (claim.id, [
                "stands": "", "home": claim.id, "named": words.contains(nil) ? nil : words.compactMap { $0 }.joined(separator: " "), "building": named(claim, links), "entrance": entrance, "room": text(claim.payload["room"]),
                "area": claim.payload["area_m2"]?.number.map { "\(($0 * 10).rounded() / 10)" },
            ].compactMapValues { $0 })
        }
        rows += ReferenceIdentity("dwelling", .dwelling, Dictionary(uniqueKeysWithValues: homes + residentsHomes(links, homes: Set(homes.map(\.0)))), words: [:], self)
            .rows("dwelling", self, alone: false, personal: { !known.contains($0) }, isHome: Set(homes.map(\.0)).contains)
        let people = (present(["resident.registered"], ended: ["resident.deregistered"]) + benefits()).map { claim in
            (claim.id, [
                "number": claim.id.split(separator: ":", omittingEmptySubsequences: false).dropFirst().first.map(String.init), "building": named(claim, links),
                "name": openable(claim.payload["name"]).flatMap { $0.hasPrefix("clk1:") ? $0 : nil }, "birth_year": number(claim.payload["birth_year"]), "sex": text(claim.payload["sex"]),
                "dwelling": claim.id.contains(":benefit:") || claim.id.hasSuffix(":care") ? nil : reference(claim.payload["dwelling"], of: claim.source),
            ].compactMapValues { $0 })
        }
        return rows
            + ReferenceIdentity("person", .person, Dictionary(uniqueKeysWithValues: people), words: [:], self)
            .rows("person", self, alone: false, personal: { _ in true })
    }

    /// What registers say of people's homes.
    /// - Parameter homes: those that are described.
    private func residentsHomes(_ links: ReferenceLinks, homes: Set<String>) -> [(String, [String: String])] {
        let aliases = aliases(), claims = present("building", ended: ["building.demolished"])
        func parts(_ value: Plain?, _ claim: ReferenceClaim) -> [String: String]? {
            text(value).map { addressParts(Self.replace(aliases, in: $0, at: claim.effective ?? .min)) }
        }
        func street(_ parts: [String: String]) -> String? {
            guard let road = parts["road"] else { return nil }
            return parts["lane"].map { "\(road) \($0)弄" } ?? parts["road_number"].map { "\(road) \($0)" }
        }
        return present(["resident.registered"], ended: ["resident.deregistered"]).map { claim in
            var home: [String: String] = [:]
            home["home"] = reference(claim.payload["dwelling"], of: claim.source).flatMap { homes.contains($0) ? $0 : nil }
            home["building"] = named(claim, links)
            home["person"] = claim.id.split(separator: ":", omittingEmptySubsequences: false).dropFirst().first.map(String.init)
            home["moved in"] = text(claim.payload["since"]).flatMap { $0.hasSuffix("-01-01") ? nil : $0 }
            // The generator's homes: the building's code, a hyphen and the room.
            if text(claim.payload["dwelling"]) == "p0-101", text(claim.payload["building"]) == "p0" { home["room"] = "101" }
            // As addresses of this claim's time: an alias counts when the claim does.
            let others = claims.filter { links.buildings[$0.id]?.building == home["building"] }.compactMap { parts($0.payload["address"], claim) }
            if let address = parts(claim.payload["address"], claim) {
                home["room"] = address["room"] ?? home["room"]
                if let number = address["building"] {
                    if others.contains(where: { $0["building"] != nil }), !others.contains(where: { $0["building"] == number }) { home["building"] = nil }
                    home["entrance"] = address["entrance"]
                } else if let lane = street(address) {
                    if address["entrance"] != nil || address["lane"] == nil { home["door"] = lane + " " + (address["entrance"] ?? "") }
                    let lanes = others.filter { $0["building"] == nil && street($0) != nil }, here = lanes.filter { street($0) == lane }
                    if here.isEmpty, !lanes.isEmpty { home["building"] = nil }
                    if let door = address["entrance"].flatMap({ Int($0) }), let first = here.compactMap({ $0["entrance"].flatMap { Int($0) } }).min() {
                        if door < first { home["building"] = nil } else { home["entrance"] = "\(door - first + 1)" }
                    }
                }
                if home["building"] == nil { home["entrance"] = nil }
            }
            if let building = home["building"], let room = home["room"] { home["named"] = "\(building) \(home["entrance"] ?? "") \(room)" }
            return (claim.id, home)
        }
    }
}
