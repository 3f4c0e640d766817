/// What all departments' writers share: the town, how its people are made, which noise is on, and where the truth goes.
final class World {
    let layout: Layout
    let maker: HouseholdMaker
    let noise: NoiseSet
    let truth: TruthFiles
    var seed: UInt64 { layout.seed }
    private(set) lazy var underWay = TroublesUnderWay(self)

    init(layout: Layout, noise: NoiseSet, truth: TruthFiles) {
        self.layout = layout
        self.maker = HouseholdMaker(layout: layout)
        self.noise = noise
        self.truth = truth
    }

    /// Numbers of the departments' files, for the noise streams: part of the output.
    enum Source: Int {
        case policeAddresses = 1, policeResidents, propertyBuildings, propertyDwellings, civilAffairs, hotline, policeIncidents, sensors,
            readings, propertyCompounds, propertyDesk, gridWorkers, gridVisits, accessCards
    }

    func rowNoise(_ source: Source, _ row: Int) -> RowNoise {
        RowNoise(seed: seed, set: noise, source: source.rawValue, row: row)
    }

    /// The base map's number of a building as a department has it: right, missing, or a neighbour's.
    func baseMapNumber(of building: Building, _ row: inout RowNoise, missing: Int = 60, wrong: Int = 20) -> String? {
        if row.strikes(.missingBaseMapNumber, permille: missing) { return nil }
        if row.strikes(.wrongBaseMapNumber, permille: wrong) { return String(layout.neighbour(of: building).baseMap) }
        return String(building.baseMap)
    }

    /// An address in one of a department's styles, the first of which is its usual one.
    func spelling(_ address: HomeAddress, _ styles: [(AddressStyle, Int)], _ row: inout RowNoise) -> String {
        guard let usual = styles.first?.0 else { return AddressStyle.official.write(address) }
        var named = address
        if row.strikes(.compoundAlias, permille: 250) {
            var draw = row.draw(.compoundAlias)
            _ = draw.next()
            named.compound = draw.pick(layout.compounds[address.compoundIndex].aliases)
        }
        guard noise.contains(.addressStyle) else { return usual.write(named) }
        var draw = row.draw(.addressStyle)
        let style = styles[draw.weighted(styles.map(\.1))].0
        if style != usual { row.note(.addressStyle) }
        return style.write(named)
    }

    /// `text` with two different neighbouring digits exchanged, somewhere behind the first three characters.
    func transposed(_ text: String, _ row: RowNoise) -> String {
        var characters = Array(text.utf8)
        var draw = row.draw(.transposedDigits)
        _ = draw.next()
        guard characters.count > 5 else { return text }
        for _ in 0..<8 {
            let at = 3 + draw.below(characters.count - 5)
            if characters[at] != characters[at + 1] {
                characters.swapAt(at, at + 1)
                return String(decoding: characters, as: UTF8.self)
            }
        }
        return text
    }
}
