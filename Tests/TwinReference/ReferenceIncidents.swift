import Foundation

/// Which cases are reports of one incident: every two of them side by side, and the surest links first.
extension ReferenceFold {
    func incidentRows(_ links: ReferenceLinks) -> [String] {
        let told = claims(["case.received"], ended: ["case.withdrawn", "case.removed"], told: { $0.hasPrefix("case.") }).values
            .filter { !$0.removed && $0.occurred != nil && $0.position > 0 }
        let known = ReferenceReport.buildings(of: told, links, self)
        let reports = told.map { ReferenceReport($0, links, known, self) }.sorted { $0.id < $1.id }
        let decisions = incidentDecisions()
        var pairs: [ReferencePair] = []
        for (at, left) in reports.enumerated() {
            for right in reports[(at + 1)...] {
                let pair = ReferencePair(left, right, decisions["\(left.id) \(right.id)"])
                if pair.band != nil { pairs.append(pair) }
            }
        }
        let incidents = ReferenceIncidents(reports, pairs, decisions)
        let all = claims(["case.received"], ended: ["case.withdrawn", "case.removed"], told: { $0.hasPrefix("case.") }).values.filter { !$0.removed }
        return all.map { claim in
            let incident = incidents.first[claim.id]
            let best = pairs.filter { pair in
                pair.isLinked && pair.has(claim.id) && incident != nil && incidents.first[pair.other(than: claim.id)] == incident
            }.min {
                ($0.band == "merged" ? 0 : 1, -$0.probability, $0.other(than: claim.id)) < ($1.band == "merged" ? 0 : 1, -$1.probability, $1.other(than: claim.id))
            }
            return row("incident_report", [
                incident ?? claim.id, claim.id, (incident ?? claim.id) == claim.id ? "t" : "f", best.map { millionths($0.probability) }, best?.band,
                best?.other(than: claim.id),
            ])
        } + pairs.map { pair in
            row("incident_pair", [
                pair.left.id, pair.right.id, pair.band, millionths(pair.probability),
                incidents.first[pair.left.id] != nil && incidents.first[pair.left.id] == incidents.first[pair.right.id] ? "t" : "f",
                pair.levels.map(String.init).joined(separator: " "), decisions["\(pair.left.id) \(pair.right.id)"].map { "\($0.position)" },
            ])
        }
    }

    private func millionths(_ probability: Double) -> String { "\(Int64((probability * 1e6).rounded()))" }

    /// The last word on each pair, by the hub's own sources.
    private func incidentDecisions() -> [String: (isSame: Bool, position: Int64)] {
        var found: [String: (isSame: Bool, position: Int64)] = [:]
        let claims = present(["incident.decided"], ended: ["incident.undecided", "incident.removed"])
        for claim in claims.sorted(by: { $0.position < $1.position }) where departments[claim.source] == "hub" {
            guard let one = text(claim.payload["first_case"]), let other = text(claim.payload["second_case"]), one != other else { continue }
            found[[one, other].sorted().joined(separator: " ")] = (text(claim.payload["verdict"]) == "merged", claim.position)
        }
        return found
    }
}

/// What is compared of a case.
private struct ReferenceReport {
    let id: String
    let at_s: Int64
    /// What is said, by the description before the category.
    let troubles: [String]
    /// Whether that is a category as written.
    let isOwn: Bool
    let words: String?
    let names: Set<String>
    let room: String?
    let place: Place?

    /// The words that the generator uses.
    private static let known = [
        ("电梯", "lift"), ("漏水", "leak"), ("施工", "noise/construction"), ("喧哗", "noise/neighbours"), ("噪声", "noise"), ("noise", "noise"),
    ]
    private static let kindsOfNoise = ["noise/construction", "noise/neighbours"]
    /// Whether another home's is another trouble.
    var isHome: Bool { troubles.first == "leak" }

    /// The building at each place: the one that more than half of the buildings' claims say; else of those who stand there and name their building, or stand in it.
    static func buildings(of claims: [ReferenceClaim], _ links: ReferenceLinks, _ fold: ReferenceFold) -> [String: String] {
        var words: [String: [String]] = [:], votes = words
        let compounds = Dictionary(uniqueKeysWithValues: fold.present("compound").map { ($0.id, $0.payload) })
        for claim in fold.present("building", ended: ["building.demolished"]) {
            guard let building = links.buildings[claim.id]?.building else { continue }
            let place = place(fold.text(claim.payload["address"])).place
            let compound = fold.reference(claim.payload["compound"], of: claim.source).flatMap { compounds[$0] }
            let names = [fold.text(compound?["name"])].compactMap(\.self) + (compound?["aliases"]?.array ?? []).compactMap(\.text)
            // A house has its number under each name of its compound.
            let number = place.flatMap { $0.firstMatch(of: /\d+幢$/)?.output }
            for place in Set([place].compactMap(\.self) + (number.map { number in names.map { $0 + number } } ?? [])) { words[place, default: []].append(building) }
        }
        for claim in claims {
            let link = links.building(of: claim, naming: claim.payload["building"], at: ReferenceLinks.place(claim.payload["location"]))
            guard let place = place(fold.text(claim.payload["address"])).place, let link, link.method != "near" else { continue }
            votes[place, default: []].append(link.building)
        }
        func most(_ votes: [String]) -> String? { votes.first { building in 2 * votes.count { $0 == building } > votes.count } }
        return votes.compactMapValues(most).merging(words.compactMapValues(most)) { _, said in said }
    }

    /// Addresses as the generator writes them: a lane's door or a compound's house with a room, or a foreign one.
    private static func place(_ address: String?) -> (place: String?, room: String?) {
        if let match = address?.firstMatch(of: /^(.+[苑园]\d+)[幢号](?:(\d+)室)?$/) { return (match.1 + "幢", match.2.map(String.init)) }
        guard let match = address?.firstMatch(of: /^(.+弄\d+号)(?:(\d+)室)?$/) else { return (address, nil) }
        return (String(match.1), match.2.map(String.init))
    }

    init(_ claim: ReferenceClaim, _ links: ReferenceLinks, _ known: [String: String], _ fold: ReferenceFold) {
        id = claim.id
        at_s = Int64((Double(claim.occurred ?? 0) / 1e6).rounded(.down))
        let description = fold.text(claim.payload["description"])
        let category = fold.text(claim.payload["category"])
        var said: [String] = []
        for text in [description, category].compactMap(\.self) { said += Self.known.filter { text.contains($0.0) && !said.contains($0.1) }.map(\.1) }
        // Noise may be each kind of it, unless somebody says which.
        if said.contains("noise") { said = said.contains(where: Self.kindsOfNoise.contains) ? said.filter { $0 != "noise" } : said + Self.kindsOfNoise }
        isOwn = said.isEmpty
        troubles = said.isEmpty && description == nil ? [category].compactMap(\.self) : said
        words = description.flatMap { $0.unicodeScalars.count < 5 ? nil : $0 }
        let own = ReferenceLinks.place(claim.payload["location"])
        let (door, room) = Self.place(fold.text(claim.payload["address"]))
        let link = links.building(of: claim, naming: claim.payload["building"], at: own)
        let building = door.flatMap { known[$0] } ?? link?.building
        names = Set([building.map { "building \($0)" }, door.map { "\($0.hasSuffix("幢") ? "house" : "door") \($0)" }].compactMap(\.self))
        self.room = room
        place = own ?? building.flatMap { links.middle(of: $0) }
    }

    /// The cells of the two grids that it stands in.
    var cells: Set<String> {
        guard let place else { return [] }
        return Set([0, 0.5].map { "\($0) \(Int((place.x / 0.006 + $0).rounded(.down))) \(Int((place.y / 0.005 + $0).rounded(.down)))" })
    }

    /// The spans of four days that it lies in, of two rows that overlap by half.
    var spans: Set<String> {
        Set([0, 0.5].map { "\($0) \(Int((Double(at_s) / 345_600 + $0).rounded(.down)))" })
    }
}

private struct ReferencePair {
    let left, right: ReferenceReport
    let band: String?
    let probability: Double
    /// Of place, trouble, words and time.
    let levels: [Int]

    var isLinked: Bool { band == "link" || band == "merged" }
    func has(_ id: String) -> Bool { left.id == id || right.id == id }
    func other(than id: String) -> String { left.id == id ? right.id : left.id }

    init(_ left: ReferenceReport, _ right: ReferenceReport, _ decision: (isSame: Bool, position: Int64)?) {
        (self.left, self.right) = (left, right)
        let levels = [Self.place(left, right), Self.trouble(left, right), Self.words(left.words, right.words), Self.time(left, right)]
        self.levels = levels
        let weights = ReferenceWeights.shipped
        var odds = weights.share / (1 - weights.share)
        var ratio = 1.0
        for (attribute, level) in levels.enumerated() where level > 0 { ratio *= weights.m[attribute][level] / weights.u[attribute][level] }
        odds *= ratio
        probability = odds / (1 + odds)
        let meet = !left.spans.isDisjoint(with: right.spans) && (!left.names.isDisjoint(with: right.names) || !left.cells.isDisjoint(with: right.cells))
        if let decision {
            band = decision.isSame ? "merged" : "split"
        } else if !meet || Self.isVetoed(levels) {
            band = nil
        } else {
            band = probability >= weights.linkFrom ? "link" : probability >= weights.reviewFrom ? "review" : nil
        }
    }

    /// Whether no third report brings the two together.
    var isApart: Bool { Self.isVetoed(levels) || probability < 0.05 }
    private static func isVetoed(_ levels: [Int]) -> Bool { levels[0] == 6 || levels[3] == 7 }

    private static func place(_ left: ReferenceReport, _ right: ReferenceReport) -> Int {
        func ofOne() -> Int {
            if let one = left.room, one == right.room { return 1 }
            return left.isHome || right.isHome ? 5 : 2
        }
        if !left.names.isDisjoint(with: right.names) { return ofOne() }
        guard let one = left.place, let other = right.place else { return 0 }
        let distance = Box([one]).distance(to: Box([other]))
        func kinds(_ names: Set<String>) -> Set<Substring> { Set(names.map { $0.prefix { $0 != " " } }) }
        // Two buildings that are known to be two are not one for being near.
        if distance <= 20, kinds(left.names).isDisjoint(with: kinds(right.names)) { return ofOne() }
        return distance <= 60 ? 3 : distance <= 220 ? 4 : 6
    }

    private static func trouble(_ left: ReferenceReport, _ right: ReferenceReport) -> Int {
        guard let one = left.troubles.first, let other = right.troubles.first, left.isOwn == right.isOwn else { return 0 }
        return one == other ? 1 : left.troubles.contains(where: right.troubles.contains) ? 2 : 3
    }

    /// By their pairs of neighbouring letters, the ends included.
    private static func words(_ left: String?, _ right: String?) -> Int {
        guard let left, let right else { return 0 }
        func pairs(_ text: String) -> [String] {
            let letters = ["^"] + text.unicodeScalars.map(String.init) + ["$"]
            return zip(letters, letters.dropFirst()).map { $0 + $1 }
        }
        var rest = pairs(right)
        let all = pairs(left).count + rest.count
        let both = pairs(left).count { pair in
            guard let at = rest.firstIndex(of: pair) else { return false }
            rest.remove(at: at)
            return true
        }
        let similarity = 2 * Double(both) / Double(all)
        return similarity >= 1 ? 1 : similarity >= 0.6 ? 2 : similarity >= 0.3 ? 3 : 4
    }

    private static func time(_ left: ReferenceReport, _ right: ReferenceReport) -> Int {
        let apart = abs(left.at_s - right.at_s)
        return ([900, 3_600, 14_400, 43_200, 86_400, 172_800].firstIndex { apart <= $0 } ?? 6) + 1
    }
}

/// Reports gathered: the surest links first, unless a veto or a steward keeps two apart; what stewards merged counts as one.
private struct ReferenceIncidents {
    /// For each report that is not alone, the one of its incident that was received first.
    private(set) var first: [String: String] = [:]

    init(_ reports: [ReferenceReport], _ pairs: [ReferencePair], _ decisions: [String: (isSame: Bool, position: Int64)]) {
        var incidents: [[[ReferenceReport]]] = reports.map { [[$0]] }
        func isSplit(_ a: ReferenceReport, _ b: ReferenceReport) -> Bool { decisions[[a.id, b.id].sorted().joined(separator: " ")]?.isSame == false }
        func isApart(_ some: [ReferenceReport], _ others: [ReferenceReport]) -> Bool {
            some.allSatisfy { a in others.allSatisfy { ReferencePair(a, $0, nil).isApart } } || some.contains { a in others.contains { isSplit(a, $0) } }
        }
        let links = pairs.filter(\.isLinked).sorted {
            ($0.band == "merged" ? -2 : -$0.probability, $0.left.id, $0.right.id) < ($1.band == "merged" ? -2 : -$1.probability, $1.left.id, $1.right.id)
        }
        for link in links {
            guard let a = incidents.firstIndex(where: { $0.joined().contains { $0.id == link.left.id } }),
                let b = incidents.firstIndex(where: { $0.joined().contains { $0.id == link.right.id } }), a != b
            else { continue }
            let (some, others) = (incidents[a], incidents[b])
            let joined: [[ReferenceReport]]
            if link.band == "merged" {
                joined = [(some + others).flatMap { $0 }]
            } else if some.contains(where: { x in others.contains { isApart(x, $0) } }) {
                continue
            } else {
                joined = some + others
            }
            incidents.remove(at: max(a, b))
            incidents[min(a, b)] = joined
        }
        for incident in incidents {
            let all = incident.flatMap { $0 }.sorted { ($0.at_s, $0.id) < ($1.at_s, $1.id) }
            guard all.count > 1 else { continue }
            for report in all { first[report.id] = all[0].id }
        }
    }
}

/// The shipped weights, read by themselves.
private struct ReferenceWeights {
    let share, linkFrom, reviewFrom: Double
    let m, u: [[Double]]

    static let shipped: ReferenceWeights = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let read = (try? Data(contentsOf: root.appending(path: "Schemas/incidents/weights.json"))).flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
        func number(_ name: String) -> Double { (read?[name] as? NSNumber)?.doubleValue ?? .nan }
        func table(_ name: String) -> [[Double]] { (read?[name] as? [[NSNumber]])?.map { $0.map(\.doubleValue) } ?? [] }
        return ReferenceWeights(share: number("share"), linkFrom: number("link_from"), reviewFrom: number("review_from"), m: table("m"), u: table("u"))
    }()
}
