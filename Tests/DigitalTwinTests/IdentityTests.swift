import Testing
import TwinReference

@testable import DigitalTwin

/// The resolver by itself: no database, no batches.
@Suite struct IdentityTests {
    private static let rules = MatchRules(
        kind: "person",
        attributes: [
            ComparedAttribute("number", .code), ComparedAttribute("name", .text), ComparedAttribute("birth", .date), ComparedAttribute("sex", .code),
            ComparedAttribute("home", .code),
        ],
        blocks: [["number"], ["name", "birth"], ["birth", "home"], ["name", "home"]], vetoes: [("birth and sex disagree", ["birth", "sex"])], largestBlock: 12)

    /// People as several registers know them, with slips; `persons` small, so that names, homes and birthdays meet.
    private struct Town {
        var random: SeededGenerator
        let names = ["王伟", "王芳", "李娜", "李强", "张敏", "张磊", "刘洋", "陈静", "杨帆", "赵军", "欧阳明", "周杰"]

        init(seed: UInt64) { random = SeededGenerator(seed: seed) }

        mutating func claim(of person: Int) -> [ClaimValue] {
            var own = SeededGenerator(seed: UInt64(person))
            let name = own.pick(names), year = 1930 + own.below(80), month = 1 + own.below(12), day = 1 + own.below(28)
            let sex = own.chance(50) ? "f" : "m", home = "home \(own.below(20))"
            var birth = Int32(year * 10_000 + month * 100 + day)
            if random.chance(8) { birth += 1 }
            return [
                random.chance(60) ? .code("number \(person)") : .missing, random.chance(90) ? .text(name) : .text(random.pick(names)),
                random.chance(95) ? .date(birth) : .missing, random.chance(95) ? .code(sex) : .missing, random.chance(85) ? .code(home) : .code("home \(random.below(20))"),
            ]
        }

        /// Claims by id.
        mutating func claims(_ count: Int, persons: Int) -> [String: [ClaimValue]] {
            var claims: [String: [ClaimValue]] = [:]
            for number in 0..<count { claims["source\(number % 3):\(number)"] = claim(of: random.below(persons)) }
            return claims
        }
    }

    private static func table(_ claims: [(String, [ClaimValue])]) -> ClaimTable {
        var table = ClaimTable(rules.attributes)
        for (id, values) in claims { table.append(id, values) }
        return table
    }

    /// The claims gathered, as sets of ids: free of rows and of who stands for whom.
    private static func partition(_ ids: [String], _ thing: (Int) -> String) -> Set<Set<String>> {
        Set(Dictionary(grouping: ids.indices, by: thing).values.map { Set($0.map { ids[$0] }) })
    }

    private static func partition(_ resolver: Resolver, _ claims: [(String, [ClaimValue])]) -> Set<Set<String>> {
        let table = table(claims)
        let things = resolver.resolve(table).things
        return partition(table.ids) { table.ids[things[$0]] }
    }

    private static func partition(_ kept: IncrementalResolver) -> Set<Set<String>> {
        let ids = kept.ids
        return partition(ids) { kept.thing(of: ids[$0]) ?? "" }
    }

    @Test("The order in which claims arrive changes neither what is learned nor what is found", arguments: 1...10)
    func orderOfArrival(seed: Int) {
        var town = Town(seed: UInt64(seed))
        let claims = town.claims(200, persons: 60).sorted { $0.key < $1.key }
        let calibration = Calibration(Self.rules, learningFrom: Self.table(claims))
        let shuffled = claims.shuffled(using: &town.random)
        #expect(Calibration(Self.rules, learningFrom: Self.table(shuffled)) == calibration)
        let resolver = Resolver(Self.rules, calibration)
        #expect(Self.partition(resolver, shuffled) == Self.partition(resolver, claims))
    }

    @Test("Claim by claim gives what a run over all claims gives, through changes, removals, returns, decisions and blocks that grow too large", arguments: 1...25)
    func incrementalIsFull(seed: Int) {
        var town = Town(seed: UInt64(seed))
        var claims = town.claims(150, persons: 40)
        let calibration = Calibration(Self.rules, learningFrom: Self.table(claims.sorted { $0.key < $1.key }))
        var decisions = StewardDecisions()
        let ids = claims.keys.sorted()
        for _ in 0..<6 {
            let (a, b) = (town.random.pick(ids), town.random.pick(ids))
            if town.random.chance(50) { decisions.merge(a, b) } else { decisions.split(a, b) }
        }
        let resolver = Resolver(Self.rules, calibration, decisions: decisions)
        var kept = IncrementalResolver(resolver)
        var waiting = claims.sorted { $0.key < $1.key }.shuffled(using: &town.random)
        claims = [:]
        for round in 0..<20 {
            var changes: [IncrementalResolver.Change] = []
            for _ in 0..<town.random.below(20) {
                if let next = waiting.popLast() { changes.append((next.key, next.value)) }
            }
            for id in claims.keys.sorted() where town.random.chance(5) {
                changes.append((id, town.random.chance(40) ? nil : town.claim(of: town.random.below(40))))
            }
            // Some that were gone come back.
            if round > 10 { for id in ids where claims[id] == nil && town.random.chance(20) { changes.append((id, town.claim(of: town.random.below(40)))) } }
            for change in changes { claims[change.id] = change.values }
            kept.update(changes)
            #expect(Self.partition(kept) == Self.partition(resolver, claims.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }), "round \(round)")
        }
    }

    @Test("No thing holds two claims that veto each other, unless a steward put them together", arguments: 1...10)
    func vetoesHold(seed: Int) {
        var town = Town(seed: UInt64(seed))
        let table = Self.table(town.claims(200, persons: 30).sorted { $0.key < $1.key })
        let resolver = Resolver(Self.rules, Calibration(Self.rules, learningFrom: table))
        let things = resolver.resolve(table).things
        for members in Dictionary(grouping: things.indices, by: { things[$0] }).values {
            for a in members { for b in members where a < b { #expect(resolver.judge(table, a, b).veto == nil) } }
        }
    }

    @Test("A merge puts together what the rules keep apart; a split parts what they join; undone, everything is as before")
    func stewards() {
        let claims: [(String, [ClaimValue])] = [
            ("a", [.code("1"), .text("王伟"), .date(19800101), .code("m"), .code("h")]), ("b", [.code("1"), .text("王伟"), .date(19800101), .code("m"), .code("h")]),
            ("c", [.code("2"), .text("李娜"), .date(19550505), .code("f"), .code("k")]),
        ]
        var town = Town(seed: 3)
        let calibration = Calibration(Self.rules, learningFrom: Self.table(town.claims(200, persons: 60).sorted { $0.key < $1.key }))
        func partition(_ decisions: StewardDecisions) -> Set<Set<String>> { Self.partition(Resolver(Self.rules, calibration, decisions: decisions), claims) }
        var decisions = StewardDecisions()
        #expect(partition(decisions) == [["a", "b"], ["c"]])
        decisions.merge("a", "c")
        #expect(partition(decisions) == [["a", "b", "c"]])
        decisions.split("b", "a")
        #expect(partition(decisions) == [["a", "c"], ["b"]])
        decisions.undo("a", "c")
        #expect(partition(decisions) == [["a"], ["b"], ["c"]])
        decisions.undo("a", "b")
        #expect(partition(decisions) == [["a", "b"], ["c"]])
    }

    @Test("Weights are learned: equality of a rare attribute speaks for, disagreement against, and nothing is said where a value is missing")
    func calibration() {
        var town = Town(seed: 9)
        let table = Self.table(town.claims(400, persons: 130).sorted { $0.key < $1.key })
        let calibration = Calibration(Self.rules, learningFrom: table)
        for attribute in [0, 2, 4] {
            #expect(calibration.weight(attribute: attribute, level: 1) > 3)
            #expect(calibration.weight(attribute: attribute, level: Self.rules.attributes[attribute].levels - 1) < 0)
            #expect(calibration.weight(attribute: attribute, level: 0) == 0)
        }
        // Six in ten pairs agree in nothing; about 1.5 % of the pairs of 130 people with three claims each are the same person.
        #expect((0.003...0.02).contains(calibration.share))
    }

    @Test("Dates: a slip is nearer than another year", arguments: [
        (19800101, 19800101, 1), (19800101, 19800102, 2), (19800312, 19801203, 2), (19800121, 19800112, 2), (19800101, 19800515, 3), (19800101, 19920515, 4),
    ])
    func dates(_ left: Int, _ right: Int, _ level: Int) { #expect(DateAgreement.level(Int32(left), Int32(right)) == level) }

    @Test("An encoding is read digit by digit, or not at all")
    func encodings() {
        let digits = String(repeating: "0f", count: 64)
        #expect(Encoding.read("clk1:" + digits) == Array(repeating: 0x0F0F_0F0F_0F0F_0F0F, count: 8))
        #expect(Encoding.read("clk1:" + digits.dropLast()) == nil)
        #expect(Encoding.read("clk1:" + digits.dropLast() + "g") == nil)
        #expect(Encoding.read("王伟") == nil)
    }
}
