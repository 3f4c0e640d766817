/// A number of an address: where it stands and what its unit says.
struct AddressNumberReading {
    enum Unit { case lane, door, building, entrance, floor, room, range, none }
    /// With its unit.
    let range: Range<Int>
    /// The numbers of a chain (`7-2-802`); one otherwise.
    let links: [Range<Int>]
    let unit: Unit
}

extension AddressReader {
    // MARK: Finding

    /// The number that begins at a place, where it means something there.
    ///
    /// - Parameter isDirect: whether another part ended just before it: then it may stand without a unit.
    func number(at place: Int, isDirect: Bool) -> AddressNumberReading? {
        var start = place
        if let length = length(of: Self.prefixes, at: place) { start += length }
        if let end = AddressNumber.end(in: letters, from: start) {
            if let last = endOfRange(from: end) { return AddressNumberReading(range: place..<last, links: [start..<end], unit: .range) }
            return AddressText.isCode(letters[start]) ? code(place, start..<end, isDirect) : numeral(place, start..<end)
        }
        // 甲单元, 东座
        guard start == place, let end = AddressNumber.stem(in: letters, at: start), let unit = unit(at: end), unit.kind == .entrance || unit.kind == .building,
            letters[end] != Self.storey, letters[end] != Self.number, unit.length > 1 || unit.kind == .building
        else { return nil }
        return AddressNumberReading(range: place..<end + unit.length, links: [start..<end], unit: unit.kind)
    }

    /// The end of a range (1到120号, 3号至5号) of which one number ends at a place: it is no number, and taken for none.
    private func endOfRange(from place: Int) -> Int? {
        let joint = place + (unit(at: place)?.length ?? 0)
        guard Self.joints.contains(letter(joint)), let end = AddressNumber.end(in: letters, from: joint + 1) else { return nil }
        return end + (unit(at: end)?.length ?? 0)
    }

    private static let joints = "到至~".unicodeScalars.map(\.value)
    private static let prefixes = words("地下 第 负 附 #")

    /// Digits and Latin letters, alone or in a chain.
    private func code(_ place: Int, _ first: Range<Int>, _ isDirect: Bool) -> AddressNumberReading? {
        var links = [first]
        while let last = links.last, letter(last.upperBound) == AddressText.hyphen, let end = AddressNumber.end(in: letters, from: last.upperBound + 1) {
            links.append(last.upperBound + 1..<end)
        }
        let end = links[links.count - 1].upperBound
        if let unit = unit(at: end) { return AddressNumberReading(range: place..<end + unit.length, links: links, unit: unit.kind) }
        guard links.allSatisfy(isPlain) else { return nil }
        // 61F
        if links.count == 1, first.count > 1, Self.floorLetters.contains(letters[end - 1]), first.dropLast().allSatisfy({ AddressText.isDigit(letters[$0]) }) {
            return AddressNumberReading(range: place..<end, links: links, unit: .floor)
        }
        let isLast = end == letters.count || letters[end] == 0x20
        guard isLast || links.count > 1 || isDirect && follows(place) && length(of: Self.continuations, at: end) == nil else { return nil }
        return AddressNumberReading(range: place..<end, links: links, unit: .none)
    }

    /// Whether a number can stand without a unit: with a letter at most (KTV and 571KN are something else).
    private func isPlain(_ link: Range<Int>) -> Bool { link.count { AddressText.isLatin(letters[$0]) } <= 1 }

    /// Whether a road or a part of a building was read just before a place.
    private func follows(_ place: Int) -> Bool {
        guard let last = readings.last, last.range.upperBound == place else { return false }
        return [.road, .lane, .building, .entrance, .floor].contains(last.part)
    }

    /// Chinese numerals: they count only with a unit, and beside a building also with those that occur in names (三门, 万户).
    private func numeral(_ place: Int, _ range: Range<Int>) -> AddressNumberReading? {
        guard let unit = unit(at: range.upperBound) else { return nil }
        if !isOpen(.building) || !Self.inNames.contains(letters[range.upperBound]) {
            return AddressNumberReading(range: place..<range.upperBound + unit.length, links: [range], unit: unit.kind)
        }
        return nil
    }

    private static let inNames = "门户房铺单巷".unicodeScalars.map(\.value)
    /// What makes a number part of a name: 2区, 1期, 5组 …
    private static let continuations = words("期 区 组 队 村 路 街 号 大街 米 弄 里 坊 中 厂 院 线 连 团 克 座")
    private static let floorLetters: [UInt32] = [0x46, 0x66]

    // MARK: Units

    private func unit(at place: Int) -> (kind: AddressNumberReading.Unit, length: Int)? {
        guard place < letters.count else { return nil }
        for unit in Self.units where stands(unit.word, at: place) {
            let next = letter(place + unit.word.count)
            return unit.notBefore.contains(next) ? nil : (unit.kind, unit.word.count)
        }
        return nil
    }

    /// The longest first; and the letters with which the unit would be another word (门口, 房地产).
    private static let units: [(word: [UInt32], kind: AddressNumberReading.Unit, notBefore: [UInt32])] = [
        ("号楼 号幢 号栋 号座 栋楼 幢楼 #楼 #", .building, ""),
        ("号单元 单元 号门 门 梯", .entrance, "口面市卫诊"),
        ("单", .entrance, "身位县"),
        ("号室 号房 号铺 号商铺 号店铺 室 房 户 铺", .room, "地东管产街"),
        ("支弄 弄 巷", .lane, ""),
        ("号院 号", .door, "线桥库厅馆地码港路街大公村点苑厂"),
        ("幢 栋 橦 撞 憧 座 排", .building, ""),
        ("楼 层", .floor, "盘梯宇村"),
    ].flatMap { list, kind, notBefore in words(list).map { ($0, kind, notBefore.unicodeScalars.map(\.value)) } }

    private static let storey: UInt32 = 0x697C, number: UInt32 = 0x53F7

    // MARK: Taking

    mutating func take(_ number: AddressNumberReading) {
        if number.links.count > 1 { return take(chain: number) }
        switch number.unit {
        case .lane: takeOpen(.lane, .unit, number.range)
        case .building: takeOpen(.building, .unit, number.range)
        case .entrance: takeOpen(.entrance, .unit, number.range)
        case .floor: takeOpen(.floor, .unit, number.range)
        case .room: takeOpen(.room, .unit, number.range)
        case .door: take(door: number.range)
        case .range: take(.unparsed, .range, number.range)
        case .none: take(bare: number.range)
        }
    }

    /// 号 is read by what stands before it.
    private mutating func take(door range: Range<Int>) {
        if isOpen(.floor), isOpen(.entrance), !isOpen(.building), !isRoomLike(range) { return take(.entrance, .buildingDoor, range) }
        // 大厦402号 is a room; in 大厦4号402室 the room comes after it.
        let isRoom = isInHall && !isBeforeRoom(range.upperBound)
        if !isOpen(.building) || !isOpen(.entrance) || !isOpen(.floor) || isRoom { return takeOpen(.room, .numberedRoom, range) }
        if !isOpen(.lane) { return take(.entrance, .laneDoor, range) }
        if isInEstate || isInHall || !isOpen(.roadNumber) { return take(.building, .estateBuilding, range) }
        take(.roadNumber, .doorNumber, range)
    }

    /// Whether a number follows that is no floor.
    private func isBeforeRoom(_ place: Int) -> Bool {
        var next = place
        while letter(next) == 0x20 { next += 1 }
        guard let end = AddressNumber.end(in: letters, from: next) else { return false }
        return unit(at: end)?.kind != .floor
    }

    /// `11-802`, `7-2-802`
    private mutating func take(chain number: AddressNumberReading) {
        let links = number.links
        // The unit belongs to the last link.
        let last = links[links.count - 1].lowerBound..<number.range.upperBound
        let endsInRoom = number.unit == .room || number.unit == .none && isRoomLike(links[links.count - 1])
        switch number.unit {
        case .none, .room, .range: break
        case .door where !isOpen(.building): return takeOpen(.room, .numberedRoom, number.range)
        case .door where isInEstate: return takeOpen(.building, .chain, number.range)
        case .door: return takeOpen(.roadNumber, .doorNumber, number.range)
        case .lane: return takeOpen(.lane, .unit, number.range)
        case .building: return takeOpen(.building, .unit, number.range)
        case .entrance where links.count == 2 && isOpen(.building):
            take(.building, .chain, links[0])
            return takeOpen(.entrance, .chain, last)
        case .entrance: return takeOpen(.entrance, .unit, number.range)
        case .floor: return takeOpen(.floor, .unit, number.range)
        }
        if links.count == 2, !isOpen(.building) || !isOpen(.floor) || !isOpen(.entrance) {
            guard isOpen(.entrance), isOpen(.floor), endsInRoom else { return takeOpen(.room, .chain, number.range) }
            take(.entrance, .chain, links[0])
            takeOpen(.room, .chain, last)
        } else if links.count == 2, readings.last?.part == .road, isOpen(.roadNumber), !endsInRoom || links[0].count >= links[1].count {
            take(.roadNumber, .chain, number.range)
        } else if links.count == 2 {
            take(!isOpen(.lane) ? .entrance : .building, .chain, links[0])
            takeOpen(endsInRoom || !isOpen(.lane) ? .room : .entrance, .chain, last)
        } else if links.count == 3, isOpen(.building), isOpen(.entrance), isOpen(.room) {
            take(.building, .chain, links[0])
            take(.entrance, .chain, links[1])
            take(.room, .chain, last)
        } else {
            takeOpen(.room, .chain, number.range)
        }
    }

    /// Three digits and more, as rooms have; more than five are a telephone's or a postcode.
    private func isRoomLike(_ range: Range<Int>) -> Bool {
        (3...5).contains(range.count { AddressText.isDigit(letters[$0]) })
    }

    /// A number without a unit, by what is still open at its place.
    private mutating func take(bare range: Range<Int>) {
        let isWithin = !isOpen(.building) || !isOpen(.entrance) || !isOpen(.floor)
        if range.count > 6 {
            take(.unparsed, .noise, range)
        } else if readings.last?.part == .road, isOpen(.roadNumber), isOpen(.lane) {
            take(.roadNumber, .bareNumber, range)
        } else if isOpen(.room), isWithin || isRoomLike(range) {
            take(.room, .bareNumber, range)
        } else if !isOpen(.lane), isOpen(.entrance) {
            take(.entrance, .bareNumber, range)
        } else {
            takeOpen(.building, .bareNumber, range)
        }
    }
}
