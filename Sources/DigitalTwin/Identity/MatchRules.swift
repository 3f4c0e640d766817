/// By what the claims of a kind are found and told apart: rules that are fixed. How much an agreement weighs is learned (`Calibration`).
package struct MatchRules: Sendable {
    package let kind: String
    package let attributes: [ComparedAttribute]
    /// Attributes whose values together make a block: only claims that share a block are compared. One list a pass.
    let blocks: [[Int]]
    /// Disagreements that are never the same thing, however much else agrees.
    let vetoes: [Veto]
    /// Agreements that say by themselves that two claims are one thing, the surest first; a veto goes before them.
    package let keys: [Agreement]
    /// Places of those keys that count only where they point to one thing: of two that contradict each other they name neither.
    let unambiguous: Set<Int>
    /// Agreements about which a steward is asked, whatever the weights say.
    package let doubts: [Agreement]
    /// Whether weights are learned: of a thing that is known by its whole address they would say nothing that the keys do not.
    package let isLearned: Bool
    /// Blocks of more claims than this say too little and are left out.
    let largestBlock: Int

    /// All of these attributes disagree entirely (the last level).
    package struct Veto: Sendable {
        package let name: String
        let attributes: [Int]
    }

    /// Each of these attributes agrees at least so well.
    package struct Agreement: Sendable {
        package let name: String
        /// By attribute, the levels from and to which it may agree; from 0, it may be missing.
        let levels: [(attribute: Int, levels: ClosedRange<Int>)]

        func holds(_ pattern: AgreementPattern) -> Bool { levels.allSatisfy { $0.levels.contains(pattern[$0.attribute]) } }
    }

    /// - Parameters:
    ///   - blocks: names of attributes, a list for each pass.
    ///   - vetoes: by name, the attributes that must all disagree.
    ///   - keys, doubts: by name, the attributes that must agree, and between which levels.
    ///   - unambiguous: names of those keys that count only where they point to one thing.
    package init(
        kind: String, attributes: [ComparedAttribute], blocks: [[String]], vetoes: [(String, [String])] = [], keys: [(String, [String: ClosedRange<Int>])] = [],
        unambiguous: Set<String> = [], doubts: [(String, [String: ClosedRange<Int>])] = [], isLearned: Bool = true, largestBlock: Int = 200
    ) {
        self.kind = kind
        self.attributes = attributes
        self.isLearned = isLearned
        self.largestBlock = largestBlock
        let places = Dictionary(attributes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.blocks = blocks.map { $0.compactMap { places[$0] } }
        self.vetoes = vetoes.map { Veto(name: $0, attributes: $1.compactMap { places[$0] }) }
        func agreement(_ name: String, _ levels: [String: ClosedRange<Int>]) -> Agreement {
            Agreement(name: name, levels: levels.compactMap { name, levels in places[name].map { ($0, levels) } }.sorted { $0.attribute < $1.attribute })
        }
        self.keys = keys.map(agreement)
        self.unambiguous = Set(keys.indices.filter { unambiguous.contains(keys[$0].0) })
        self.doubts = doubts.map(agreement)
    }

    /// How two rows agree, attribute by attribute.
    func pattern(_ table: ClaimTable, _ left: Int, _ right: Int) -> AgreementPattern {
        var pattern = AgreementPattern()
        for column in attributes.indices { pattern[column] = table.level(column, left, right) }
        return pattern
    }

    /// The veto between two rows, if there is one.
    func veto(_ pattern: AgreementPattern) -> Veto? {
        vetoes.first { $0.attributes.allSatisfy { pattern[$0] == attributes[$0].levels - 1 } }
    }

    /// How sure a key is: all but certain, and the surer the earlier. Of two that contradict each other the first one joins.
    static func strength(ofKey key: Int) -> Double { 1 - Double(key + 1) * 0x1p-20 }

    /// Whether links of a strength count only where they point to one thing.
    func isUnambiguous(_ strength: Double) -> Bool { unambiguous.contains { Self.strength(ofKey: $0) == strength } }

    /// A number that is equal for rows which the vetoes hold for equal.
    func signature(_ table: ClaimTable, _ row: Int) -> UInt64 {
        vetoes.reduce(Hash.seed) { hash, veto in veto.attributes.reduce(hash) { Hash.add($0, table.value($1, row)) } }
    }

    /// The block of a row in a pass; nil where one of its values is missing.
    func block(_ pass: Int, _ table: ClaimTable, _ row: Int) -> UInt64? {
        var hash = Hash.seed
        for column in blocks[pass] {
            guard let value = table.fingerprint(column, row) else { return nil }
            hash = Hash.add(hash, value)
        }
        return Hash.add(hash, UInt64(pass))
    }
}

/// How two claims agree: a level for each attribute, four bits each, so that equal patterns are one number.
struct AgreementPattern: Hashable, Sendable {
    var bits: UInt64 = 0

    /// 0 missing, 1 equal, higher the less they agree; up to 15, of up to 16 attributes.
    subscript(attribute: Int) -> Int {
        get { Int(bits >> UInt64(attribute * 4)) & 15 }
        set { bits = bits & ~(15 << UInt64(attribute * 4)) | UInt64(newValue) << UInt64(attribute * 4) }
    }
}
