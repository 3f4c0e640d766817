/// A stream of random numbers that belongs to one decision about one thing.
///
/// Every decision ("does household 17 rent?", "is row 5 of the police register late?") starts its own stream from
/// (seed, topic, thing). So a household can be made again at any time without its neighbours, memory stays bounded,
/// and switching one kind of noise off changes nothing else. The generator is SplitMix64 (Steele, Lea, Flood 2014):
/// integer arithmetic only, hence the same bytes on every platform.
package struct Draw: RandomNumberGenerator, Sendable {
    /// What a stream decides. The raw values are part of the output: never renumber, only add.
    package enum Topic: UInt64, Sendable {
        case layout = 1, compound, building, household, person, absentOwner, propertyRow, policeRow, careRow
        case hotline, incident, sensor, reading, spelling, vacancy, damage, duplicate
        case visit, card
        case underWay
        case noise = 1000  // + the ordinal of the noise
    }

    private var state: UInt64

    package init(_ seed: UInt64, _ topic: Topic, _ first: Int = 0, _ second: Int = 0) {
        self.init(seed, raw: topic.rawValue, first, second)
    }

    init(_ seed: UInt64, raw topic: UInt64, _ first: Int, _ second: Int) {
        var value = Draw.scrambled(seed ^ 0x7477_696e_6875_6221)
        value = Draw.scrambled(value ^ topic)
        value = Draw.scrambled(value &+ UInt64(bitPattern: Int64(first)))
        state = Draw.scrambled(value ^ (UInt64(bitPattern: Int64(second)) &* 0x9e37_79b9_7f4a_7c15))
    }

    private static func scrambled(_ input: UInt64) -> UInt64 {
        var z = input &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    package mutating func next() -> UInt64 {
        state = state &+ 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in `0..<bound`; 0 for an empty range. (Our own: the standard library does not promise its algorithm.)
    package mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    package mutating func between(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True in `permille` of 1,000 cases.
    package mutating func chance(_ permille: Int) -> Bool { below(1000) < permille }

    package mutating func pick<T>(_ table: [T]) -> T { table[below(table.count)] }

    /// The index of a weight, drawn in proportion to the weights.
    package mutating func weighted(_ weights: [Int]) -> Int {
        var rest = below(weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            if rest < weight { return index }
            rest -= weight
        }
        return weights.count - 1
    }
}
