/// An address as it was read: the original text, and which rule read which part of it.
///
/// Nothing is guessed into a part: what no rule understood is in `unparsed`.
package struct Address: Sendable {
    /// The text as the source wrote it.
    package let original: String
    /// The text in the form that rules read; readings are ranges of it.
    let letters: [UInt32]
    /// What was read, in the order of the text. It is also the answer to “why”.
    package let readings: [AddressReading]
    /// The code of the smallest division (行政区划) that is certain: 2, 4, 6 or 9 digits; nil where the text names none, or one of
    /// several of the same name.
    package let division: Int32?

    /// What a part says, ready to be compared: numbers as digits (十二 → 12), letters as capitals, without their unit; names as written.
    /// Nil where the text has no such part.
    package subscript(part: AddressPart) -> String? {
        var found: String?
        for reading in readings where reading.part == part { found = (found ?? "") + value(of: reading) }
        return found
    }

    /// What no rule understood; nil where everything was.
    package var unparsed: String? { self[.unparsed] }

    /// The text that a reading covers.
    package func text(of reading: AddressReading) -> String { letters[reading.range].text }

    /// Its value alone, see `subscript`.
    private func value(of reading: AddressReading) -> String { Self.value(reading.part, letters[reading.range]) }

    /// What a text says as a part of an address: the form in which parts of different departments are compared.
    package static func value(_ part: AddressPart, _ text: String) -> String { value(part, AddressText.letters(of: text)[...]) }

    private static func value(_ part: AddressPart, _ letters: ArraySlice<UInt32>) -> String {
        guard part.isNumber else { return letters.text }
        let number = AddressNumber.value(of: letters)
        // B1 is what lifts call the first floor below ground.
        guard part == .floor else { return number }
        return number.hasPrefix("B") ? "-" + number.dropFirst() : number.hasSuffix("F") ? String(number.dropLast()) : number
    }
}

/// A part of an address.
package enum AddressPart: String, Sendable, CaseIterable {
    /// 省, 市, 区·县, 街道·镇·乡.
    case province, city, district, town
    /// 村·社区, a village or neighbourhood.
    case village
    /// 路·街·道, also a villagers' group (组), which stands in a road's place.
    case road
    /// 门牌号: the number at a road.
    case roadNumber = "road_number"
    /// 弄·巷: a numbered lane off a road.
    case lane
    /// 小区, and whatever else has a name of its own: a compound, a park, a tower.
    case compound
    /// 幢·栋·号楼, or the 号 of a compound.
    case building
    /// 单元·门, or in a lane (弄) its 号.
    case entrance
    /// 层·楼; below ground negative.
    case floor
    /// 室·户.
    case room
    /// A division's name once more.
    case repeated
    /// What no rule understood.
    case unparsed

    /// Whether its value is a number with a unit.
    var isNumber: Bool {
        switch self {
        case .roadNumber, .lane, .building, .entrance, .floor, .room: true
        default: false
        }
    }
}

/// One part of an address, where it stands, and the rule that read it.
package struct AddressReading: Sendable, Equatable {
    package let part: AddressPart
    package let rule: AddressRule
    /// In the letters of the address.
    let range: Range<Int>
}

/// The rules, by the names that `why` shows.
package enum AddressRule: String, Sendable {
    /// The gazetteer has this name below the division before it.
    case gazetteer
    /// The gazetteer's name without its ending (杭州 for 杭州市), borne out by a division beside it.
    case gazetteerShort = "gazetteer_short"
    /// The ending and the place of a division that the gazetteer does not have: dissolved ones, misspelt ones.
    case divisionEnding = "division_ending"
    /// A name that the caller knows.
    case lexicon
    /// 一号 as the end of a name (滨江一号).
    case numberedName = "numbered_name"
    /// 路, 街, 大道 … ends it.
    case roadEnding = "road_ending"
    /// 组: a villagers' group.
    case villageGroup = "village_group"
    /// 村, 社区 … ends it.
    case villageEnding = "village_ending"
    /// A name between other parts.
    case name
    /// The unit says it: 弄, 幢, 单元, 层, 室 …
    case unit
    /// 号 after a road, a village or a name without an estate's ending: a door.
    case doorNumber = "door_number"
    /// 号 in a lane: one of its doors, an entrance.
    case laneDoor = "lane_door"
    /// 号 in an estate (小区, 花园 …): one of its buildings.
    case estateBuilding = "estate_building"
    /// 号 of one or two digits within a building: one of its doors, an entrance.
    case buildingDoor = "building_door"
    /// 号 within a building or on a floor: a room.
    case numberedRoom = "numbered_room"
    /// `11-802`, `7-2-802`: by the places in the chain.
    case chain
    /// A number without a unit: by what is still open at its place.
    case bareNumber = "bare_number"
    /// From one number to another: no single place.
    case range
    /// 附近, 对面, 路口 …: beside the place, not the place.
    case position
    /// Words that are no part of an address: 电联, null.
    case noise
    /// A second road, number or name.
    case second
    /// No Chinese letter in it: passed through.
    case foreign
    /// Nothing understood it.
    case none
}
