/// The property companies' door system 门禁: who holds a card (or has shown a face), and when it last opened a door. NDJSON, a line a holder.
///
/// Small children seldom have one, tenants share them; who moved away keeps his, and an owner who lets his home has one, too: what tells
/// them from those who live here is that it opens no door any more.
final class AccessCards {
    private let world: World
    private let cards: OutputFile
    private var late = LateRows(distance: 30)
    static let file = "access-control/cards.ndjson"

    init(_ world: World, folder: String) throws(SimulationError) {
        self.world = world
        cards = try OutputFile(folder + "/" + Self.file)
    }

    func household(_ household: Household) throws(SimulationError) {
        for person in household.everybody { try holder(person, household) }
    }

    private func holder(_ person: Person, _ household: Household) throws(SimulationError) {
        var row = world.rowNoise(.accessCards, person.index)
        var draw = Draw(world.seed, .card, person.index)
        var used: Int
        switch person.fate {
        case .resident:
            guard !row.strikes(.missingPerson, permille: withoutCard(person, household)) else { return }
            // Some open the door by other means: a neighbour, the garage.
            used = CivilDate.today - (draw.chance(920) ? draw.below(45) : draw.between(91...700))
        case .movedAway, .died:
            guard let until = person.until, row.strikes(.staleEntry, permille: 650) else { return }
            used = until - draw.below(6)
        case .absentOwner:
            guard row.strikes(.registeredElsewhere, permille: 600) else { return }
            used = CivilDate.today - (draw.chance(100) ? draw.below(90) : draw.between(91...900))
        case .registeredOnly:
            guard row.strikes(.registeredElsewhere, permille: 250) else { return }
            used = CivilDate.today - (draw.chance(250) ? draw.below(90) : draw.between(91...900))
        }
        used = max(used, min(person.since, CivilDate.today))
        var name = person.name.text
        if row.strikes(.swappedName, permille: 12) { name = person.name.miswritten.text }
        var document = person.document
        if row.strikes(.transposedDigits, permille: 8) { document = world.transposed(document, row) }
        let building = world.layout.buildings[household.home.building]
        var room: JSONText = .text(household.home.room)
        if row.strikes(.nullWord, permille: 40) { room = .text("暂无") }
        let key = "MJ" + CivilDate.padded((person.index &* 52_391 &+ 9_001) % 1_000_000_000, 9)
        let line =
            JSONText.object([
                ("card", .text(key)), ("holder", .text(name)), ("idNumber", .text(document)), ("sex", .text(person.sex)),
                ("birthYear", .number(String(CivilDate.parts(person.birth).year))), ("category", .text(person.category.rawValue)),
                ("buildingId", .text(building.propertyCode)), ("room", room), ("lastUsed", .text(CivilDate.text(used))),
            ]).written + "\n"
        let isLate = row.strikes(.lateRow, permille: 15)
        try late.add(line, late: isLate, to: cards)
        if row.strikes(.repeatedKey, permille: 4) { try late.add(line, late: true, to: cards) }
        try world.truth.row(Self.file, key: key, thing: person.code, noise: row)
    }

    /// How many of a thousand have none.
    private func withoutCard(_ person: Person, _ household: Household) -> Int {
        let age =
            switch person.age {
            case ..<6: 700
            case 6..<12: 450
            case 12..<18: 200
            case 18..<75: 140
            default: 280
            }
        return age + (household.tenure == .tenant ? 120 : 0) + (household.shape == .sharedFlat ? 80 : 0)
    }

    func finish() throws(SimulationError) {
        try late.finish(cards)
        try cards.finish()
    }
}
