/// The property companies' platform: what its portal's API answers, dumped to JSON files (one object with code, msg and data.rows).
final class PropertyManager {
    private let world: World
    private let compounds, buildings, dwellings: OutputFile
    private var dwellingsWritten = 0
    private static let buildingFile = "property-manager/buildings.json", dwellingFile = "property-manager/dwellings.json"
    private static let compoundFile = "property-manager/compounds.json"
    private static let styles: [(AddressStyle, Int)] = [
        (.buildingUnitRoom, 45), (.hyphens, 20), (.buildingTower, 15), (.gateDoor, 12), (.short, 8),
    ]
    /// The words that stand for "we do not know" in such portals.
    private static let nullWords = ["暂无资料", "暂无信息", "-", "无", ""]

    init(_ world: World, folder: String) throws(SimulationError) {
        self.world = world
        compounds = try OutputFile(folder + "/" + Self.compoundFile)
        buildings = try OutputFile(folder + "/" + Self.buildingFile)
        dwellings = try OutputFile(folder + "/" + Self.dwellingFile)
        for file in [compounds, buildings, dwellings] { try file.write("{\"code\":0,\"msg\":\"success\",\"data\":{\"rows\":[") }
    }

    func places() throws(SimulationError) {
        for compound in world.layout.compounds { try self.compound(compound) }
        for building in world.layout.buildings { try self.building(building) }
    }

    private func compound(_ compound: Compound) throws(SimulationError) {
        var row = world.rowNoise(.propertyCompounds, compound.index)
        var name = compound.name
        if row.strikes(.compoundAlias, permille: 350) {
            var draw = row.draw(.compoundAlias)
            _ = draw.next()
            name = draw.pick(compound.aliases)
        }
        let year = row.strikes(.nullWord, permille: 150) ? nullWord(row) : String(compound.builtYear) + "年建成"
        var homes = 0
        for building in compound.buildings { homes += world.layout.buildings[building].homes.count }
        try compounds.write(
            (compound.index > 0 ? ",\n" : "\n")
                + JSONText.object([
                    ("id", .text(compound.code)), ("name", .text(name)),
                    ("aliases", .array([.text(compound.name), .text(compound.aliases[0])])),
                    ("address", .text("\(compound.road)\(compound.lane)弄")), ("built", .text(year)), ("households", .text("\(homes)户")),
                    ("manager", .text(compound.manager)),
                ]).written)
        try world.truth.row(Self.compoundFile, key: compound.code, thing: compound.code, spelling: name, noise: row)
    }

    private func building(_ building: Building) throws(SimulationError) {
        var row = world.rowNoise(.propertyBuildings, building.baseMap)
        var draw = Draw(world.seed, .propertyRow, -1 - building.index)
        let spelling = world.spelling(world.layout.address(of: building), [(.buildingUnitRoom, 1)], &row)
        let height = building.floors * 29 + draw.between(-8...25)  // decimetres
        let heightText = row.strikes(.nullWord, permille: 120) ? nullWord(row) : decimalText(height, digits: 1) + "米"
        var members: [(String, JSONText)] = [
            ("id", .text(building.propertyCode)), ("compoundId", .text(world.layout.compounds[building.compound].code)),
            ("buildingNo", .text("\(building.number)幢")), ("address", .text(shortened(spelling))),
        ]
        if let number = world.baseMapNumber(of: building, &row, missing: 80, wrong: 30) {
            members.append(("baseMapNo", .text(number)))
        } else {
            members.append(("baseMapNo", .null))
        }
        members += [
            ("lon", .number(building.place.longitudeText)), ("lat", .number(building.place.latitudeText)),
            ("floorsAboveGround", .number(String(building.floors))), ("height", .text(heightText)),
            ("heightMetres", heightText.hasSuffix("米") ? .number(decimalText(height, digits: 1)) : .null),
            ("units", .number(String(building.entrances))), ("households", .number(String(building.homes.count))),
        ]
        try buildings.write((building.index > 0 ? ",\n" : "\n") + JSONText.object(members).written)
        try world.truth.row(Self.buildingFile, key: building.propertyCode, thing: building.propertyCode, spelling: spelling, noise: row)
    }

    /// A building's address ends with the building, not with an entrance.
    private func shortened(_ spelling: String) -> String {
        spelling.hasSuffix("1单元") ? String(spelling.dropLast(3)) : spelling
    }

    func home(_ home: Home, _ household: Household?) throws(SimulationError) {
        var row = world.rowNoise(.propertyDwellings, home.index)
        let spelling = world.spelling(world.layout.address(of: home), Self.styles, &row)
        let owner = household?.absentOwner ?? household?.residents.first
        var area = decimalText(home.areaDecimetres, digits: 1)
        if row.strikes(.nullWord, permille: 50) {
            area = nullWord(row)
        } else if row.strikes(.areaText, permille: 120) {
            var draw = row.draw(.areaText)
            _ = draw.next()
            area = draw.pick([area + "㎡", area + "平方米", area + "平米", "约" + String(home.areaDecimetres / 10) + "平", area + " m2"])
        }
        var occupants: JSONText = .number(String(household?.residents.count ?? 0))
        if row.strikes(.occupantMiscount, permille: household?.tenure == .tenant ? 550 : 160) {
            var draw = row.draw(.occupantMiscount)
            _ = draw.next()
            // Tenants are the ones a property company does not see: nothing at all, or the owner only.
            occupants = draw.chance(500) ? .null : .number(String(max(0, (household?.residents.count ?? 0) + draw.pick([-1, -1, 1]))))
        }
        let use = household.map { $0.tenure == .tenant ? "出租" : $0.tenure == .publicRent ? "公房" : "业主自住" } ?? "空置"
        var phone = owner?.phone ?? ""
        if row.strikes(.transposedDigits, permille: 10) { phone = world.transposed(phone, row) }
        if row.strikes(.blankCell, permille: 80) { phone = "" }
        let building = world.layout.buildings[home.building]
        try dwellings.write(
            (dwellingsWritten > 0 ? ",\n" : "\n")
                + JSONText.object([
                    ("id", .text(home.code)), ("buildingId", .text(building.propertyCode)), ("unit", .text("\(home.entrance + 1)单元")),
                    ("room", .text(home.room)), ("address", .text(spelling)), ("area", .text(area)), ("use", .text(use)),
                    ("occupants", occupants),
                    ("ownerName", owner.map { .text($0.name.text) } ?? .null), ("contactPhone", phone.isEmpty ? .null : .text(phone)),
                ]).written)
        dwellingsWritten += 1
        try world.truth.row(Self.dwellingFile, key: home.code, thing: home.code, spelling: spelling, noise: row)
    }

    private func nullWord(_ row: RowNoise) -> String {
        var draw = row.draw(.nullWord)
        _ = draw.next()
        return draw.pick(Self.nullWords)
    }

    func finish() throws(SimulationError) {
        for file in [compounds, buildings, dwellings] {
            try file.write("\n]}}\n")
            try file.finish()
        }
    }
}
