extension EntityKind {
    /// Every kind whose claims are joined; a kind stands after those by which its claims are compared.
    package static let all: [EntityKind] = [building, compound, entrance, dwelling, sensor, camera, organisation, person]

    package static func named(_ name: String) -> EntityKind? { all.first { $0.name == name } }

    /// The kinds whose claims come from a kind of claims.
    static func of(claims kind: String) -> [EntityKind] { all.filter { $0.sources.contains { $0.kind == kind } } }

    private static let parser = AddressParser()
    private static let known = KnownAddresses()

    /// The parts of an address, or of the name where there is no address, ready to be compared.
    private struct Place {
        let address: Address?

        init(_ texts: String?...) { address = texts.lazy.compactMap { $0 }.first.map(parser.parse) }

        subscript(part: AddressPart) -> String? { address?[part] }

        /// Road and the number at it, or the lane off it: one number on one road.
        var door: String? {
            guard let road = self[.road], let number = self[.lane].map({ "弄" + $0 }) ?? self[.roadNumber] else { return nil }
            return road + " " + number
        }
    }

    // MARK: Places

    /// Two outlines are two buildings, and so are two numbers in one compound or lane. Whoever names a compound in place of a road stands at the
    /// road and number, or lane, that the compound's record gives.
    ///
    /// An address that names the building is a key, and so is one point in one lane; no weights are learned: most claims of one lane are neighbours, and
    /// what sets these apart from one building is the place alone. An address and a place that contradict each other are for a steward.
    private static let building = EntityKind(
        name: "building",
        sources: [ClaimSource(kind: "building", cells: [
            "c.name", "c.address", "CASE WHEN c.footprint IS NOT NULL THEN c.id END", "ST_X(c.location) || ' ' || ST_Y(c.location)",
            "SELECT o.address FROM compound_claim o WHERE o.id = c.compound_ref AND NOT o.removed", "SELECT o.name FROM compound_claim o WHERE o.id = c.compound_ref AND NOT o.removed",
        ], addresses: [0, 1, 4, 5])],
        rules: MatchRules(
            kind: "building",
            attributes: [
                ComparedAttribute("outline", .code), ComparedAttribute("door", .code), ComparedAttribute("compound", .text), ComparedAttribute("building", .code),
                ComparedAttribute("entrance", .code), ComparedAttribute("name", .text), ComparedAttribute("place", .place, steps: [1, 5, 20, 80]), ComparedAttribute("address", .code),
            ],
            blocks: [["door"], ["compound", "building"], ["name"]],
            vetoes: [("both have an outline", ["outline"]), ("the doors differ", ["door"]), ("the buildings' numbers differ", ["building"]), ("the entrances differ", ["entrance"])],
            keys: [
                ("one point at one door or in one lane", ["door": 1...1, "place": 1...1]), ("one address", ["address": 1...1, "place": 0...3]),
                ("one compound and number", ["compound": 1...1, "building": 1...1, "place": 1...4]), ("one name", ["name": 1...1, "place": 1...3]),
                ("a few metres apart at one door or in one lane", ["door": 1...1, "place": 1...2]),
            ],
            doubts: [("one address", ["address": 1...1]), ("one compound and number", ["compound": 1...1, "building": 1...1]), ("near at one door or in one lane", ["door": 1...1, "place": 1...3])],
            isLearned: false, largestBlock: 400),
        texts: { _, cells in
            let place = Place(cells[1], cells[0])
            let compound = place[.compound] ?? cells[5].map { AddressPart.compound.compared($0) }
            let door = place.door ?? Place(cells[4]).door
            // Of a lane the building must be named, of a road's number it may be.
            let within = [place[.building], place[.entrance]].map { $0 ?? "" }
            let address = door.flatMap { $0.contains(" 弄") && within.allSatisfy(\.isEmpty) ? nil : ([$0] + within).joined(separator: " ") }
            return [cells[2], door, compound, place[.building], place[.entrance], cells[0].map { AddressPart.compound.compared($0) }, cells[3], address]
        })

    /// By name, door and place: names repeat across a city, and a large compound has doors on several roads.
    private static let compound = EntityKind(
        name: "compound",
        sources: [ClaimSource(kind: "compound", cells: ["c.name", "c.address", "c.manager", "ST_X(c.location) || ' ' || ST_Y(c.location)"], addresses: [0, 1])],
        rules: MatchRules(
            kind: "compound",
            attributes: [
                ComparedAttribute("name", .text), ComparedAttribute("door", .code), ComparedAttribute("manager", .text),
                ComparedAttribute("place", .place, steps: [150, 500, 2_000]),
            ],
            blocks: [["name"], ["door"]], vetoes: [("they are more than 2 km apart", ["place"])],
            keys: [("one name at one door or lane", ["name": 1...1, "door": 1...1]), ("one name within 500 m", ["name": 1...1, "place": 1...2])],
            // One estate's quarters and phases have names that differ in a numeral, and one lane; and a compound of two names has one door as well.
            doubts: [("two names at one door or lane", ["name": 2...4, "door": 1...1])], largestBlock: 100),
        texts: { _, cells in [cells[0].map { AddressPart.compound.compared($0) }, Place(cells[1]).door, cells[2], cells[3]] })

    /// A part of a building: one building and one number.
    private static let entrance = EntityKind(
        name: "entrance", sources: [ClaimSource(kind: "entrance", cells: ["l.building_id", "c.name", "c.address"], addresses: [2])],
        rules: MatchRules(
            kind: "entrance", attributes: [ComparedAttribute("building", .code), ComparedAttribute("entrance", .code), ComparedAttribute("name", .text)],
            blocks: [["building", "entrance"], ["building", "name"]], vetoes: [("the buildings differ", ["building"]), ("the entrances' numbers differ", ["entrance"])],
            keys: [("one building and number", ["building": 1...1, "entrance": 1...1]), ("one building and name", ["building": 1...1, "name": 1...1])], isLearned: false,
            largestBlock: 100),
        texts: { _, cells in
            // The name of an entrance is often its number and no more: 二单元.
            let number = cells[1].map { AddressPart.entrance.compared($0) }.flatMap { $0.allSatisfy(\.isNumber) ? $0 : nil }
            return [cells[0], Place(cells[2], cells[1])[.entrance] ?? number, cells[1]]
        })

    /// A part of a building: one building, one entrance and one room. Whoever leaves out the entrance may mean the room of that number at any of them;
    /// who lives there, and since when, says which.
    ///
    /// What a register says of a person is also a word about a home, which then belongs to the home's own claim.
    private static let dwelling = EntityKind(
        name: "dwelling",
        sources: [
            ClaimSource(
                kind: "dwelling", cells: ["l.building_id", "c.entrance", "c.room", "round(c.area_m2::numeric, 1)", "NULL", "NULL", "NULL", "NULL", "c.id"],
                stands: true),
            ClaimSource(
                kind: "resident",
                cells: [
                    "l.building_id", "NULL",
                    // The building's own number and the room: 990100040009-302.
                    """
                    CASE WHEN starts_with(substr(c.dwelling_ref, strpos(c.dwelling_ref, ':') + 1), substr(c.building_ref, strpos(c.building_ref, ':') + 1) || '-')
                         THEN substring(c.dwelling_ref FROM '-([0-9]{1,5}[A-Za-z]?)$') END
                    """,
                    "NULL", "split_part(c.id, ':', 2)", "c.moved_in", "CASE WHEN NOT starts_with(c.address, 'sealed') THEN c.address END",
                    """
                    SELECT string_agg(b.address, chr(10) ORDER BY b.id) FROM building_link k JOIN building_claim b ON b.id = k.id AND NOT b.removed
                     WHERE k.kind = 'building' AND k.building_id = l.building_id
                    """,
                    "SELECT d.id FROM dwelling_claim d WHERE d.id = c.dwelling_ref AND NOT d.removed",
                ], addresses: [6, 7]),
        ],
        rules: MatchRules(
            kind: "dwelling",
            attributes: [
                ComparedAttribute("building", .code), ComparedAttribute("entrance", .code), ComparedAttribute("room", .code), ComparedAttribute("area", .code),
                ComparedAttribute("named", .code), ComparedAttribute("door", .code), ComparedAttribute("person", .code), ComparedAttribute("moved in", .code),
                ComparedAttribute("home", .code),
            ],
            blocks: [["building", "room"], ["door", "room"], ["person", "room"], ["home"]],
            vetoes: [("the buildings differ", ["building"]), ("the entrances differ", ["entrance"]), ("the rooms differ", ["room"])],
            keys: [
                ("the home that is named", ["home": 1...1]), ("one building, entrance and room", ["building": 1...1, "entrance": 1...1, "room": 1...1]),
                ("one door and room", ["door": 1...1, "room": 1...1]), ("one building, room and area, and neither names an entrance", ["named": 1...1, "area": 1...1]),
                ("one person in one building and room", ["building": 1...1, "room": 1...1, "person": 1...1]),
                // Two who both leave out the entrance have no home that a day could point to.
                ("one room, and one day of moving in", ["building": 1...1, "room": 1...1, "named": 2...2, "moved in": 1...1]),
                ("one person and room, and a building that is not known", ["building": 0...0, "room": 1...1, "person": 1...1]),
            ],
            unambiguous: ["one door and room", "one person in one building and room", "one room, and one day of moving in",
                "one person and room, and a building that is not known"],
            doubts: [("one building and room", ["building": 1...1, "room": 1...1])], isLearned: false, largestBlock: 400),
        texts: { _, cells in
            let home = HomeAddress(
                building: cells[0], room: cells[2].map { AddressPart.room.compared($0) }, address: cells[6].map(parser.parse),
                others: cells[7].map { known.read($0, parser) } ?? [])
            let entrance = cells[1].map { AddressPart.entrance.compared($0) } ?? home.entrance
            let named = home.building.flatMap { building in home.room.map { "\(building) \(entrance ?? "") \($0)" } }
            return [home.building, entrance, home.room, cells[3], named, home.door, cells[4], cells[5].flatMap(HomeAddress.day), cells[8]]
        })

    // MARK: People

    /// The key is the pseudonym of the number of the identity card: equal where two registers know it. Names are compared by keyed
    /// encodings; as they are sealed or masked nothing can be compared.
    private static let person = EntityKind(
        name: "person",
        sources: [
            ClaimSource(kind: "resident", cells: ["c.name", "c.birth_year", "c.sex", "l.building_id", "c.dwelling_ref"]),
            ClaimSource(kind: "benefit", cells: ["c.name", "c.birth_year", "c.sex", "l.building_id", "NULL"]),
        ],
        rules: MatchRules(
            kind: "person",
            attributes: [
                ComparedAttribute("number", .code), ComparedAttribute("name", .encoding), ComparedAttribute("birth_year", .code), ComparedAttribute("sex", .code),
                ComparedAttribute("building", .code), ComparedAttribute("dwelling", .code),
            ],
            blocks: [["number"], ["name", "birth_year"], ["name", "building"], ["building", "birth_year", "sex"]],
            vetoes: [("birth and sex disagree", ["birth_year", "sex"])]),
        texts: { id, cells in
            [id.key] + cells
        })
}

extension AddressPart {
    /// A part by itself, in the form in which parts of different departments are compared.
    fileprivate func compared(_ text: String) -> String { Address.value(self, text) }
}
