extension EntityKind {
    /// Every kind whose claims are joined; a kind stands after those by which its claims are compared.
    package static let all: [EntityKind] = [building, compound, entrance, dwelling, sensor, person]

    package static func named(_ name: String) -> EntityKind? { all.first { $0.name == name } }

    /// The kinds whose claims come from a kind of claims.
    static func of(claims kind: String) -> [EntityKind] { all.filter { $0.sources.contains { $0.kind == kind } } }

    private static let parser = AddressParser()

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
    private static let building = EntityKind(
        name: "building",
        sources: [ClaimSource(kind: "building", cells: [
            "c.name", "c.address", "CASE WHEN c.footprint IS NOT NULL THEN c.id END", "ST_X(c.location) || ' ' || ST_Y(c.location)",
            "SELECT o.address FROM compound_claim o WHERE o.id = c.compound_ref AND NOT o.removed", "SELECT o.name FROM compound_claim o WHERE o.id = c.compound_ref AND NOT o.removed",
        ])],
        rules: MatchRules(
            kind: "building",
            attributes: [
                ComparedAttribute("outline", .code), ComparedAttribute("door", .code), ComparedAttribute("compound", .text), ComparedAttribute("building", .code),
                ComparedAttribute("entrance", .code), ComparedAttribute("name", .text), ComparedAttribute("place", .place, steps: [5, 20, 80]),
            ],
            blocks: [["door"], ["compound", "building"], ["name"]],
            vetoes: [("both have an outline", ["outline"]), ("the doors differ", ["door"]), ("the buildings' numbers differ", ["building"]), ("the entrances differ", ["entrance"])],
            largestBlock: 100),
        texts: { _, cells in
            let place = Place(cells[1], cells[0])
            let compound = place[.compound] ?? cells[5].map { AddressPart.compound.compared($0) }
            return [
                cells[2], place.door ?? Place(cells[4]).door, compound, place[.building], place[.entrance], cells[0].map { AddressPart.compound.compared($0) }, cells[3],
            ]
        })

    private static let compound = EntityKind(
        name: "compound", sources: [ClaimSource(kind: "compound", cells: ["c.name", "c.address", "c.manager"])],
        rules: MatchRules(
            kind: "compound", attributes: [ComparedAttribute("name", .text), ComparedAttribute("door", .code), ComparedAttribute("manager", .text)],
            blocks: [["name"], ["door"]], largestBlock: 100),
        texts: { _, cells in [cells[0].map { AddressPart.compound.compared($0) }, Place(cells[1]).door, cells[2]] })

    private static let entrance = EntityKind(
        name: "entrance", sources: [ClaimSource(kind: "entrance", cells: ["l.building_id", "c.name", "c.address"])],
        rules: MatchRules(
            kind: "entrance", attributes: [ComparedAttribute("building", .code), ComparedAttribute("entrance", .code), ComparedAttribute("name", .text)],
            blocks: [["building", "entrance"], ["building", "name"]], vetoes: [("the buildings differ", ["building"]), ("the entrances' numbers differ", ["entrance"])],
            largestBlock: 100),
        texts: { _, cells in [cells[0], Place(cells[2], cells[1])[.entrance], cells[1]] })

    private static let dwelling = EntityKind(
        name: "dwelling", sources: [ClaimSource(kind: "dwelling", cells: ["l.building_id", "c.entrance", "c.room", "round(c.area_m2::numeric, 1)"])],
        rules: MatchRules(
            kind: "dwelling",
            attributes: [ComparedAttribute("building", .code), ComparedAttribute("entrance", .code), ComparedAttribute("room", .code), ComparedAttribute("area", .code)],
            blocks: [["building", "room"]],
            vetoes: [("the buildings differ", ["building"]), ("the entrances differ", ["entrance"]), ("the rooms differ", ["room"])], largestBlock: 100),
        texts: { _, cells in
            [cells[0], cells[1].map { AddressPart.entrance.compared($0) }, cells[2].map { AddressPart.room.compared($0) }, cells[3]]
        })

    // MARK: Sensors and people

    private static let sensor = EntityKind(
        name: "sensor", sources: [ClaimSource(kind: "sensor", cells: ["l.building_id", "c.observed_property", "c.feature_of_interest", "c.name"])],
        rules: MatchRules(
            kind: "sensor",
            attributes: [
                ComparedAttribute("building", .code), ComparedAttribute("property", .code), ComparedAttribute("feature", .code), ComparedAttribute("name", .text),
            ],
            blocks: [["building", "property", "name"], ["feature", "property", "name"]], vetoes: [("they observe different properties", ["property"])], largestBlock: 100),
        texts: { _, cells in cells })

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
