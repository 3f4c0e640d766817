/// An invented person, as the truth has them.
struct Person {
    /// What the person has to do with the home today.
    enum Fate: String {
        case resident
        /// Lived here until `until`.
        case movedAway = "moved_away"
        /// Died in this home on `until`.
        case died
        /// Registered here, lives elsewhere (人户分离).
        case registeredOnly = "registered_only"
        /// Owns the home and lets it.
        case absentOwner = "absent_owner"
    }
    /// 人员类别.
    enum Category: String {
        case permanent = "户籍", migrant = "来沪", foreign = "境外"
    }

    /// household * slotsPerHousehold + slot: unique in a run.
    var index: Int
    var household: Int
    var name: PersonName
    var isMale: Bool
    /// Days since 1970-01-01, as all days here.
    var birth: Int
    var category: Category
    var fate: Fate
    var since: Int
    var until: Int?
    var lowIncome: Bool
    var disabled: Bool

    static let slotsPerHousehold = 12

    var age: Int { CivilDate.age(birth) }
    var document: String {
        category == .foreign ? PersonalTables.passport(person: index) : PersonalTables.idNumber(person: index, birth: birth, isMale: isMale)
    }
    /// Children under 12 have no phone.
    var phone: String? { age < 12 ? nil : PersonalTables.phone(person: index) }
    var sex: String { isMale ? "男" : "女" }
    var code: String { "P" + CivilDate.padded(index + 1, 8) }
}

/// Surname and the characters of the given name.
struct PersonName: Hashable {
    var surname: String
    var given: [String]
    var text: String { surname + given.joined() }

    /// The name as a clerk miswrites it: the given characters exchanged, or one written as another of the same sound.
    var miswritten: PersonName {
        var copy = self
        if given.count == 2, given[0] != given[1] {
            copy.given.swapAt(0, 1)
        } else if let first = given.first, let alike = PersonalTables.soundAlike[first] {
            copy.given[0] = alike
        } else {
            copy.given.append(given.first ?? "")
        }
        return copy
    }

    static func make(surname: String?, isMale: Bool, _ draw: inout Draw) -> PersonName {
        let characters = isMale ? PersonalTables.male : PersonalTables.female
        let drawn = PersonalTables.surnames[draw.weighted(PersonalTables.surnameWeights)].0
        let count = draw.chance(230) ? 1 : 2
        return PersonName(surname: surname ?? drawn, given: (0..<count).map { _ in draw.pick(characters) })
    }
}

/// A household, with everybody who is or was connected with its home.
struct Household {
    enum Tenure: String { case owner = "owner_occupied", tenant, publicRent = "public_rent" }
    enum Shape: String, CaseIterable {
        case single, sharedFlat = "shared_flat", couple, withChildren = "with_children", threeGenerations = "three_generations"
        case oldCouple = "old_couple", oldAlone = "old_alone"
        /// Shares per 1,000 households of an inner-city neighbourhood, rounded.
        var weight: Int {
            switch self {
            case .single: 190
            case .sharedFlat: 80
            case .couple: 200
            case .withChildren: 240
            case .threeGenerations: 100
            case .oldCouple: 110
            case .oldAlone: 80
            }
        }
    }

    var index: Int
    var home: Home
    var shape: Shape
    var tenure: Tenure
    var since: Int
    /// Residents first, then former occupants, then people registered only.
    var people: [Person]
    var absentOwner: Person?

    var residents: [Person] { people.filter { $0.fate == .resident } }
    var everybody: [Person] { people + (absentOwner.map { [$0] } ?? []) }
    var code: String { "H" + CivilDate.padded(index + 1, 7) }
}

/// Makes any household from its number alone.
struct HouseholdMaker {
    let layout: Layout
    private var seed: UInt64 { layout.seed }

    init(layout: Layout) { self.layout = layout }

    func household(_ index: Int) -> Household? {
        layout.home(ofHousehold: index).map { household(in: $0, index: index) }
    }

    func household(in home: Home, index: Int) -> Household {
        var draw = Draw(seed, .household, index)
        let shape = Household.Shape.allCases[draw.weighted(Household.Shape.allCases.map(\.weight))]
        let tenantShare =
            switch shape {
            case .sharedFlat: 1000
            case .oldCouple, .oldAlone: 40
            case .single: 550
            default: 300
            }
        let tenure: Household.Tenure = draw.chance(tenantShare) ? .tenant : draw.chance(60) ? .publicRent : .owner
        let years = tenure == .tenant ? draw.between(0...5) : draw.between(1...26)
        let since = CivilDate.today - years * 365 - draw.below(365)
        var result = Household(index: index, home: home, shape: shape, tenure: tenure, since: since, people: [], absentOwner: nil)
        addResidents(to: &result, &draw)
        addFormerOccupants(to: &result, &draw)
        addRegisteredOnly(to: &result, &draw)
        if tenure == .tenant {
            result.absentOwner = person(
                11, in: result, surname: nil, isMale: draw.chance(520), age: draw.between(30...78), .permanent, .absentOwner, &draw)
        }
        return result
    }

    private func addResidents(to h: inout Household, _ draw: inout Draw) {
        let foreign = draw.chance(25)
        let local = h.tenure != .tenant || draw.chance(180)
        let category: Person.Category = foreign ? .foreign : local ? .permanent : .migrant
        // (age, is male, shares the family's surname)
        var members: [(age: Int, isMale: Bool, family: Bool)] = []
        let head = draw.between(24...58)
        switch h.shape {
        case .single:
            members = [(draw.between(21...49), draw.chance(520), false)]
        case .sharedFlat:
            for _ in 0..<draw.between(3...5) { members.append((draw.between(19...42), draw.chance(560), false)) }
        case .couple:
            members = [(head, true, true), (max(21, head - draw.between(-3...6)), false, false)]
        case .withChildren:
            members = [(head, true, true), (max(21, head - draw.between(-3...6)), false, false)]
            for _ in 0..<(draw.chance(300) ? 2 : 1) {
                members.append((max(0, min(head - 23, draw.between(0...22))), draw.chance(515), true))
            }
        case .threeGenerations:
            let middle = draw.between(28...46)
            members = [
                (middle, true, true), (max(21, middle - draw.between(-2...5)), false, false),
                (draw.between(0...max(1, middle - 25)), draw.chance(515), true),
            ]
            members.append((middle + draw.between(24...33), false, false))
            if draw.chance(450) { members.append((middle + draw.between(25...35), true, true)) }
        case .oldCouple:
            let age = draw.between(66...90)
            members = [(age, true, true), (max(60, age - draw.between(-2...6)), false, false)]
        case .oldAlone:
            members = [(draw.between(68...96), draw.chance(300), false)]
        }
        let familyName = PersonName.make(surname: nil, isMale: true, &draw).surname
        let poor = draw.chance(h.shape == .oldAlone || h.shape == .oldCouple ? 90 : 30)
        for (slot, member) in members.prefix(6).enumerated() {
            var p = person(
                slot, in: h, surname: member.family ? familyName : nil, isMale: member.isMale, age: member.age, category, .resident, &draw)
            p.since = max(h.since + (h.shape == .sharedFlat ? draw.below(max(1, CivilDate.today - h.since)) : 0), p.birth)
            p.lowIncome = poor
            h.people.append(p)
        }
    }

    /// Tenants who were here before, children who left, people who died: those whom registers forget to strike off.
    private func addFormerOccupants(to h: inout Household, _ draw: inout Draw) {
        var slot = 6
        if h.tenure == .tenant {
            for _ in 0..<[0, 1, 1, 2, 3][draw.below(5)] {
                var p = person(slot, in: h, surname: nil, isMale: draw.chance(540), age: draw.between(20...50), .migrant, .movedAway, &draw)
                p.until = h.since - draw.below(30)
                p.since = (p.until ?? h.since) - draw.between(90...900)
                h.people.append(p)
                slot += 1
            }
            return
        }
        if draw.chance(90) {
            var p = person(
                slot, in: h, surname: h.people.first?.name.surname, isMale: draw.chance(500), age: draw.between(22...36), .permanent,
                .movedAway, &draw)
            p.until = CivilDate.today - draw.between(60...2200)
            p.since = min(h.since, (p.until ?? 0) - 365)
            h.people.append(p)
            slot += 1
        }
        let old = h.shape == .oldAlone || h.shape == .oldCouple || h.shape == .threeGenerations
        if draw.chance(old ? 260 : 45) {
            var p = person(slot, in: h, surname: nil, isMale: draw.chance(580), age: draw.between(72...98), .permanent, .died, &draw)
            p.until = CivilDate.today - draw.between(20...1500)
            p.since = min(h.since, (p.until ?? 0) - 3650)
            h.people.append(p)
        }
    }

    private func addRegisteredOnly(to h: inout Household, _ draw: inout Draw) {
        guard draw.chance(h.tenure == .tenant ? 60 : 110) else { return }
        for slot in 9..<(9 + draw.between(1...2)) {
            h.people.append(
                person(slot, in: h, surname: nil, isMale: draw.chance(500), age: draw.between(3...70), .permanent, .registeredOnly, &draw))
        }
    }

    private func person(
        _ slot: Int, in h: Household, surname: String?, isMale: Bool, age: Int, _ category: Person.Category, _ fate: Person.Fate,
        _ draw: inout Draw
    ) -> Person {
        let name = PersonName.make(surname: surname, isMale: isMale, &draw)
        let birth = CivilDate.today - age * 365 - age / 4 - draw.below(365)
        return Person(
            index: h.index * Person.slotsPerHousehold + slot, household: h.index, name: name, isMale: isMale, birth: birth,
            category: category,
            fate: fate, since: max(h.since, birth), until: nil, lowIncome: false, disabled: draw.chance(22))
    }
}
