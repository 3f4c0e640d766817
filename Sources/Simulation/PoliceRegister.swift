/// The police station's registers: standard addresses 标准地址 and residents 实有人口, exported as GB18030 CSV.
final class PoliceRegister {
    private let world: World
    private let addresses: OutputFile
    private let residents: OutputFile
    private var late = LateRows(distance: 40)
    private var written = 0
    static let residentColumns = ["登记编号", "姓名", "证件号码", "性别", "出生日期", "联系电话", "楼栋地址编码", "地址", "室号", "人员类别", "登记日期", "注销日期"]
    private static let addressFile = "police-register/standard_addresses.csv", residentFile = "police-register/residents.csv"
    /// Styles seen in such exports, with weights per hundred; the first is the standard's.
    private static let styles: [(AddressStyle, Int)] = [
        (.official, 46), (.short, 20), (.fullWidth, 8), (.chineseNumerals, 6), (.brackets, 8), (.noisyLong, 6), (.buildingUnitRoom, 4),
        (.hyphens, 2),
    ]

    init(_ world: World, folder: String) throws(SimulationError) {
        self.world = world
        addresses = try OutputFile(folder + "/" + Self.addressFile, encoding: .gb18030)
        residents = try OutputFile(folder + "/" + Self.residentFile, encoding: .gb18030)
        try addresses.write(csvLine(["楼栋地址编码", "标准地址", "小区名称", "底图编号", "经度", "纬度", "户数"]))
        try residents.write(csvLine(Self.residentColumns))
    }

    func building(_ building: Building) throws(SimulationError) {
        var row = world.rowNoise(.policeAddresses, building.baseMap)
        let compound = world.layout.compounds[building.compound]
        let spelling = world.spelling(
            world.layout.address(of: building), [(.official, 80), (.fullWidth, 8), (.chineseNumerals, 6), (.brackets, 6)], &row)
        var name = compound.name
        if row.applied.contains(.compoundAlias) {
            var draw = row.draw(.compoundAlias)
            _ = draw.next()
            name = draw.pick(compound.aliases)
        }
        if row.strikes(.blankCell, permille: 40) { name = "" }
        let baseMap = world.baseMapNumber(of: building, &row) ?? ""
        try addresses.write(
            csvLine([
                building.policeCode, spelling, name, baseMap, building.place.longitudeText, building.place.latitudeText,
                String(building.homes.count),
            ]))
        try world.truth.row(Self.addressFile, key: building.policeCode, thing: building.propertyCode, spelling: spelling, noise: row)
    }

    func household(_ household: Household) throws(SimulationError) {
        for person in household.people {
            var row = world.rowNoise(.policeResidents, person.index * 2)
            guard isOnTheList(person, &row) else { continue }
            try write(person, household, number: person.index * 2, &row)
            var second = world.rowNoise(.policeResidents, person.index * 2 + 1)
            if second.strikes(.nearDuplicate, permille: 14) {
                try write(person, household, number: person.index * 2 + 1, &second)
            }
        }
    }

    /// Shares after published comparisons of police lists with door-to-door counts, rounded.
    private func isOnTheList(_ person: Person, _ row: inout RowNoise) -> Bool {
        switch person.fate {
        case .resident:
            let missing =
                switch person.category {
                case .permanent: 40
                case .migrant: 380
                case .foreign: 200
                }
            return !row.strikes(.missingPerson, permille: missing)
        case .registeredOnly: return row.strikes(.registeredElsewhere, permille: 1000)
        case .movedAway, .died: return true
        case .absentOwner: return false
        }
    }

    private func write(_ person: Person, _ household: Household, number: Int, _ row: inout RowNoise) throws(SimulationError) {
        let building = world.layout.buildings[household.home.building]
        let key = "SJ" + CivilDate.padded((number &* 48_271 &+ 12_345) % 1_000_000_000, 9)
        var name = person.name.text
        if row.strikes(.swappedName, permille: row.applied.contains(.nearDuplicate) ? 600 : 12) { name = person.name.miswritten.text }
        var document = person.document
        if row.strikes(.transposedDigits, permille: 10) { document = world.transposed(document, row) }
        var code = building.policeCode
        if row.strikes(.wrongBuildingCode, permille: 15) { code = world.layout.neighbour(of: building).policeCode }
        let spelling = world.spelling(world.layout.address(of: household.home), Self.styles, &row)
        var phone = person.phone ?? ""
        var room = household.home.room
        if row.strikes(.blankCell, permille: 120) {
            var draw = row.draw(.blankCell)
            _ = draw.next()
            if draw.chance(700) { phone = "" } else if draw.chance(600) { room = "" } else { code = "" }
        }
        var registered = CivilDate.text(person.since)
        if row.strikes(.oddDate, permille: 4) { registered = CivilDate.text(person.since, separator: "年") + "日" }
        var struckOff = ""
        if let until = person.until {
            if row.strikes(.staleEntry, permille: person.fate == .died ? 400 : 600) {} else { struckOff = CivilDate.text(until + 14) }
        }
        let cells = [
            key, name, document, person.sex, CivilDate.text(person.birth), phone, code, spelling, room, person.category.rawValue,
            registered, struckOff,
        ]
        try emit(cells, key: key, person: person, spelling: spelling, &row)
    }

    /// Writes the row; late, twice, or broken where the noise says so.
    private func emit(_ cells: [String], key: String, person: Person, spelling: String, _ row: inout RowNoise) throws(SimulationError) {
        written += 1
        // By place in the file, so that a small run has each kind of broken line once: undecodable, ragged, without its key.
        if world.noise.contains(.damagedLine), let kind = [137, 271, 402].firstIndex(of: written % 500) {
            row.note(.damagedLine)
            switch kind {
            case 0: try writeUndecodable(cells)
            case 1: try residents.write(csvLine(Array(cells.dropLast(3))))
            default: try residents.write(csvLine([""] + cells.dropFirst()))
            }
            return try world.truth.row(Self.residentFile, key: kind == 2 ? nil : key, thing: person.code, spelling: spelling, noise: row)
        }
        let isLate = row.strikes(.lateRow, permille: 20)
        try late.add(csvLine(cells), late: isLate, to: residents)
        if row.strikes(.repeatedKey, permille: 4) { try late.add(csvLine(cells), late: true, to: residents) }
        try world.truth.row(Self.residentFile, key: key, thing: person.code, spelling: spelling, noise: row)
    }

    /// The line with a byte in the name that no GB18030 text has.
    private func writeUndecodable(_ cells: [String]) throws(SimulationError) {
        let encoder = try GB18030Encoder()
        var bytes = try encoder.encode(csvLine(cells))
        if let comma = bytes.firstIndex(of: 0x2C) { bytes.insert(0xFF, at: comma + 1) }
        try residents.write(bytes: bytes)
    }

    func finish() throws(SimulationError) {
        try late.finish(residents)
        try addresses.finish()
        try residents.finish()
    }
}
