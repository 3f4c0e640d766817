extension AddressReader {
    /// Reads divisions from the largest to the smallest, as far as they go.
    mutating func readDivisions() {
        while position < letters.count {
            if let length = length(of: Self.betweenDivisions, at: position) {
                take(.repeated, .noise, position..<position + length)
            } else if letters[position] == 0x20 {
                position += 1
            } else if !readListedDivision() && !readUnlistedDivision() {
                break
            }
        }
        if division == nil, level == nil { division = parser.home }
    }

    /// Words that forms put between divisions.
    private static let betweenDivisions = words("null 中国 市辖区 省直辖县级行政区划 其它区 其他区")

    // MARK: Listed

    private mutating func readListedDivision() -> Bool {
        guard let found = bestMatch() else { return false }
        let range = position..<position + found.length
        let rule: AddressRule = found.isShort ? .gazetteerShort : .gazetteer
        let level = Gazetteer.level(of: found.code)
        if let division, Gazetteer.contains(found.code, division) {
            take(isOpen(level.part) ? level.part : .repeated, rule, range)
            return true
        }
        if let known = self.level, level.rawValue <= known.rawValue || (division.map { !Gazetteer.contains($0, found.code) } ?? false) {
            // Told from the top again, otherwise: the later one stands. A smaller one that lies elsewhere is no division but a name.
            guard let first = readings.first(where: { $0.part.level != nil })?.part.level, level.rawValue < first.rawValue || level == .province else {
                return false
            }
            discardDivisions()
        }
        take(level.part, rule, range)
        self.level = level
        division = found.isAmbiguous ? division : found.code
        return true
    }

    private struct Found {
        var code: Int32
        var length: Int
        var isShort: Bool
        /// Whether it lies below or around what was read before.
        var isNear: Bool
        /// Where the divisions end that follow below it.
        var reach: Int
        var isAmbiguous = false

        /// Whether it is to be taken instead of another one.
        func isBetter(than other: Found) -> Bool {
            if isNear != other.isNear { return isNear }
            if reach != other.reach { return reach > other.reach }
            return length != other.length ? length > other.length : !isShort && other.isShort
        }
    }

    /// Of the divisions whose names stand here, the one below what was read, that reaches furthest, by the longest name.
    private func bestMatch() -> Found? {
        var best: Found?
        parser.gazetteer.forEachMatch(in: letters, at: position) { match in
            let isNear = division.map { Gazetteer.contains($0, match.code) || Gazetteer.contains(match.code, $0) } ?? true
            // Where the divisions start over, a whole name of a larger one stands.
            guard isNear || (!match.isShort && Gazetteer.level(of: match.code).rawValue < Gazetteer.Level.town.rawValue) else { return }
            var end = position + match.length
            if match.isShort, let renamed = endOfRenamed(match, end: end) { end = renamed }
            let reach = reach(below: match.code, from: end)
            if match.isShort, !isBorneOut(match, end: end, reach: reach, isNear: isNear && division != nil) { return }
            let found = Found(code: match.code, length: end - position, isShort: match.isShort, isNear: isNear, reach: reach)
            guard let other = best, !found.isBetter(than: other) else { return best = found }
            guard !other.isBetter(than: found), other.code != found.code else { return }
            if isHome(found.code) { best = found } else if !isHome(other.code) { best?.isAmbiguous = true }
        }
        return best
    }

    /// Counties become districts and cities, and are written by their former ending for years: 奉化市 for 奉化区.
    private func endOfRenamed(_ match: Gazetteer.Match, end: Int) -> Int? {
        guard Gazetteer.level(of: match.code) == .district else { return nil }
        return length(of: Self.formerEndings, at: end).map { end + $0 }
    }

    private static let formerEndings = words("新区 区 县 市")

    private func isHome(_ code: Int32) -> Bool { parser.home.map { Gazetteer.contains(code, $0) || Gazetteer.contains($0, code) } ?? false }

    /// How far the names of divisions go that stand one behind the other below a division.
    private func reach(below code: Int32, from start: Int) -> Int {
        var furthest = start
        guard start < letters.count, Gazetteer.level(of: code) != .town else { return start }
        parser.gazetteer.forEachMatch(in: letters, at: start) { match in
            guard match.code != code, Gazetteer.contains(code, match.code) else { return }
            furthest = max(furthest, reach(below: match.code, from: start + match.length))
        }
        return furthest
    }

    /// A name without its ending may be anything. It counts where a division beside it bears it out, or where it is that of a province
    /// or city; not where a road or a house is named after it (北京西路, 宁波大厦).
    private func isBorneOut(_ match: Gazetteer.Match, end: Int, reach: Int, isNear: Bool) -> Bool {
        let level = Gazetteer.level(of: match.code)
        if level == .town { return isNear && (self.level?.rawValue ?? 0) < level.rawValue && isBeforeRoad(end) }
        if reach > end || end > position + match.length { return true }
        if length(of: Self.otherLevels, at: end) != nil || length(of: Self.namedAfterPlaces, at: end) != nil { return false }
        let side = Self.sides.contains(letter(end)) ? end + 1 : end
        if length(of: Self.roads, at: side) != nil { return isNear && level == .city }
        return isNear || level.rawValue <= Gazetteer.Level.city.rawValue || isHome(match.code) || endOfUnlistedTown(from: end) != nil
    }

    /// Whether a road's name stands here, up to the next number.
    private func isBeforeRoad(_ start: Int) -> Bool {
        guard start < letters.count, AddressText.isHan(letters[start]) else { return false }
        for place in start + 1..<max(min(start + 7, letters.count), start + 1) {
            if length(of: Self.roads, at: place) != nil { return true }
            if !AddressText.isHan(letters[place]) { return false }
        }
        return false
    }

    /// 龙港镇 is not 龙港市, nor 绍兴县 绍兴市.
    private static let otherLevels = words("镇 乡 街道 县")
    private static let namedAfterPlaces = words("大学 师范 人民 大厦 花园 公寓 小区 新村 广场 国际 银行 中学 小学 医院 酒店 饭店 商 村 站 桥 苑 里 城")
    private static let sides = "东西南北中一二三".unicodeScalars.map(\.value)
    private static let roads = words("路 街 大道 巷 弄")

    // MARK: Unlisted

    /// A division that the gazetteer does not have, by its ending and its place: dissolved ones (江东区), misspelt ones.
    private mutating func readUnlistedDivision() -> Bool {
        if let end = endOfUnlistedDistrict() { return takeUnlisted(.district, end) }
        if let end = endOfUnlistedTown(from: position) { return takeUnlisted(.town, end) }
        return false
    }

    private func endOfUnlistedDistrict() -> Int? {
        guard (level?.rawValue ?? 0) < Gazetteer.Level.district.rawValue, position + 2 < letters.count else { return nil }
        guard letters[position..<position + 2].allSatisfy(AddressText.isHan), !letters[position..<position + 2].contains(where: Self.endsNames.contains) else { return nil }
        switch letters[position + 2] {
        case Self.district:
            let last = letters[position + 1]
            return Self.noDistrict.contains(last) || level == nil && Self.sides.contains(last) ? nil : position + 3
        case Self.county: return position + 3
        case Self.city: return Self.noCity.contains(letter(position + 3)) ? nil : position + 3
        default: return nil
        }
    }

    private func endOfUnlistedTown(from start: Int) -> Int? {
        guard (level?.rawValue ?? 0) < Gazetteer.Level.town.rawValue, start < letters.count, AddressText.isHan(letters[start]) else { return nil }
        for place in start + 1..<max(min(start + 6, letters.count), start + 1) {
            switch letters[place] {
            case Self.town where place - start >= 2, Self.village where place - start >= 2: return place + 1
            case Self.street where place - start >= 2 && letter(place + 1) == Self.way: return place + 2
            case let letter where !AddressText.isHan(letter) || Self.endsNames.contains(letter): return nil
            default: continue
            }
        }
        return nil
    }

    private mutating func takeUnlisted(_ level: Gazetteer.Level, _ end: Int) -> Bool {
        take(level.part, .divisionEnding, position..<end)
        self.level = level
        return true
    }

    private static let district: UInt32 = 0x533A, county: UInt32 = 0x53BF, city: UInt32 = 0x5E02, town: UInt32 = 0x9547, village: UInt32 = 0x4E61
    private static let street: UInt32 = 0x8857, way: UInt32 = 0x9053
    /// 小区, 社区, 园区, 东区 …: no district ends so.
    private static let noDistrict = "小社园业发校里住库货展厂特景街新四五六七八九十".unicodeScalars.map(\.value)
    /// 市场, 市政 …
    private static let noCity = "场政民中区".unicodeScalars.map(\.value)
    /// Letters that end another kind of name before a division's ending can come.
    private static let endsNames = "路村号弄园苑巷幢栋厂楼".unicodeScalars.map(\.value)
}

extension Gazetteer.Level {
    var part: AddressPart {
        switch self {
        case .province: .province
        case .city: .city
        case .district: .district
        case .town: .town
        }
    }
}

extension AddressPart {
    /// Of a division its level.
    var level: Gazetteer.Level? {
        switch self {
        case .province: .province
        case .city: .city
        case .district: .district
        case .town: .town
        default: nil
        }
    }
}
