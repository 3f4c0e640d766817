/// The street's grid workers 网格员: who was met at each home's door, and the cells 网格 that the workers walk.
///
/// A home where nobody opens is told with what was found a year or two before, or not at all; now and then a worker copies last year's
/// sheet. Shares after published follow-ups of door-to-door counts (single people and sharers are met least), rounded.
final class GridVisits {
    private let world: World
    private let visits: OutputFile
    private let folder: String
    private var late = LateRows(distance: 30)
    static let visitFile = "grid-visits/visits.csv", cellFile = "grid-visits/grid_cells.geojson"
    private static let styles: [(AddressStyle, Int)] = [(.buildingUnitRoom, 40), (.hyphens, 25), (.short, 20), (.gateDoor, 15)]
    /// Cells lie in a lattice: about 240 by 280 m, which is 500 households of an inner city.
    static let cellSize = Place.unitsPerDegree / 400

    init(_ world: World, folder: String) throws(SimulationError) {
        self.world = world
        self.folder = folder
        visits = try OutputFile(folder + "/" + Self.visitFile)
        try visits.write(csvLine(["走访编号", "网格编号", "楼栋地址编码", "房号", "姓名", "证件号码", "性别", "出生年份", "人员类别", "走访日期", "地址"]))
    }

    /// The lattice cell of a place.
    static func cell(of place: Place) -> String {
        "WG" + String(CivilDate.floorDivide(place.longitude, cellSize)) + "-" + String(CivilDate.floorDivide(place.latitude, cellSize))
    }

    /// One feature a cell in which a building stands.
    func cells() throws(SimulationError) {
        let file = try OutputFile(folder + "/" + Self.cellFile)
        var homes: [String: (place: Place, homes: Int)] = [:]
        for building in world.layout.buildings { homes[Self.cell(of: building.place), default: (building.place, 0)].homes += building.homes.count }
        try file.write("{\"type\":\"FeatureCollection\",\"features\":[")
        for (number, cell) in homes.sorted(by: { $0.key < $1.key }).enumerated() {
            let west = CivilDate.floorDivide(cell.value.place.longitude, Self.cellSize) * Self.cellSize
            let south = CivilDate.floorDivide(cell.value.place.latitude, Self.cellSize) * Self.cellSize
            let ring = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)].map { x, y in
                let corner = Place(longitude: west + x * Self.cellSize, latitude: south + y * Self.cellSize)
                return JSONText.array([.number(corner.longitudeText), .number(corner.latitudeText)])
            }
            let feature = JSONText.object([
                ("type", .text("Feature")),
                ("properties", .object([("id", .text(cell.key)), ("name", .text("第" + AddressStyle.chinese(number + 1) + "网格")), ("households", .number(String(cell.value.homes)))])),
                ("geometry", .object([("type", .text("Polygon")), ("coordinates", .array([.array(ring)]))])),
            ])
            try file.write((number > 0 ? ",\n" : "\n") + feature.written)
        }
        try file.write("\n]}\n")
        try file.finish()
    }

    func household(_ household: Household) throws(SimulationError) {
        var door = world.rowNoise(.gridVisits, -1 - household.index)
        var draw = Draw(world.seed, .visit, household.index)
        let isMet = !door.strikes(.missingPerson, permille: closedDoors(household))
        let recent = CivilDate.today - draw.between(1...330), before = CivilDate.today - draw.between(400...900)
        if !isMet && draw.chance(600) { return }
        for person in household.people { try visit(person, household, on: isMet ? recent : before) }
    }

    /// How many doors of a thousand stay closed, also the second time.
    private func closedDoors(_ household: Household) -> Int {
        let shape =
            switch household.shape {
            case .single: 270
            case .sharedFlat: 230
            case .couple: 190
            case .withChildren: 110
            case .threeGenerations: 70
            case .oldCouple: 50
            case .oldAlone: 60
            }
        return shape + (household.tenure == .tenant ? 40 : 0)
    }

    private func visit(_ person: Person, _ household: Household, on day: Int) throws(SimulationError) {
        var row = world.rowNoise(.gridVisits, person.index)
        switch person.fate {
        case .absentOwner: return
        case .resident:
            guard person.since <= day else { return }
            let missed = household.shape == .sharedFlat ? 150 : person.category == .migrant ? 90 : 50
            guard !row.strikes(.missingPerson, permille: missed) else { return }
        case .registeredOnly: guard row.strikes(.registeredElsewhere, permille: 80) else { return }
        case .movedAway, .died:
            guard let until = person.until, person.since <= day else { return }
            if until <= day { guard row.strikes(.staleEntry, permille: 30) else { return } }
        }
        var name = person.name.text
        if row.strikes(.swappedName, permille: 15) { name = person.name.miswritten.text }
        // The card is read by the telephone; typed only where it cannot be.
        var document = person.document
        if row.strikes(.transposedDigits, permille: 5) { document = world.transposed(document, row) }
        let building = world.layout.buildings[household.home.building]
        var code = building.policeCode, room = household.home.room
        if row.strikes(.wrongBuildingCode, permille: 6) { code = world.layout.neighbour(of: building).policeCode }
        if row.strikes(.blankCell, permille: 30) { room = "" }
        let spelling = world.spelling(world.layout.address(of: household.home), Self.styles, &row)
        var date = CivilDate.text(day)
        if row.strikes(.oddDate, permille: 3) { date = CivilDate.text(day, separator: "年") + "日" }
        let key = "ZF" + CivilDate.padded((person.index &* 39_119 &+ 77_003) % 1_000_000_000, 9)
        let line = csvLine([
            key, Self.cell(of: building.place), code, room, name, document, person.sex, String(CivilDate.parts(person.birth).year),
            person.category.rawValue, date, spelling,
        ])
        let isLate = row.strikes(.lateRow, permille: 15)
        try late.add(line, late: isLate, to: visits)
        if row.strikes(.repeatedKey, permille: 4) { try late.add(line, late: true, to: visits) }
        try world.truth.row(Self.visitFile, key: key, thing: person.code, spelling: spelling, noise: row)
    }

    func finish() throws(SimulationError) {
        try late.finish(visits)
        try visits.finish()
    }
}
