extension AddressReader {
    /// Reads the names up to the next number: roads, villages, compounds.
    mutating func readNames() {
        let end = endOfNames()
        while position < end {
            if let known = parser.lexicon[letters[position]]?.first(where: { stands($0, at: position) }) {
                take(.compound, .lexicon, position..<position + known.count)
                isInEstate = true
            } else if let length = length(of: Self.noise, at: position) {
                take(.unparsed, .noise, position..<position + length)
            } else if let group = endOfGroup() {
                takeOpen(.road, .villageGroup, position..<group)
            } else if let road = road(before: end) {
                readRoad(road)
                // A number may follow at once, without its unit.
                return
            } else if let village = endOfVillage(before: end) {
                takeOpen(.village, .villageEnding, position..<village)
            } else {
                readCompound(before: end)
            }
        }
    }

    /// Words in delivery forms that are no part of an address.
    private static let noise = words("电联 收件人 丰巢 null 的")

    /// Where the names end: before the next number that means something at its place.
    private func endOfNames() -> Int {
        var place = position + 1
        if let known = parser.lexicon[letters[position]]?.first(where: { stands($0, at: position) }) { return position + known.count }
        while place < letters.count {
            let last = letters[place - 1]
            let isWithin = AddressText.isCode(last) && AddressText.isCode(letters[place]) || AddressNumber.isNumeral(last) && AddressNumber.isNumeral(letters[place])
            if letters[place] == 0x20 || parser.lexicon[letters[place]]?.contains(where: { stands($0, at: place) }) == true { return place }
            if !isWithin, number(at: place, isDirect: false) != nil {
                guard let end = endOfNumberedName(at: place) else { return place }
                place = end
            } else {
                place += 1
            }
        }
        return place
    }

    /// 一号 behind a name that ends like no road, village or estate is the end of that name: 滨江一号.
    private func endOfNumberedName(at place: Int) -> Int? {
        guard length(of: Self.numberedEndings, at: place) != nil, place - position >= 2,
            endingLength(of: Self.beforeDoors + Self.estates, from: position, to: place) == nil
        else { return nil }
        return place + 2
    }

    private static let numberedEndings = words("一号 壹号")
    private static let beforeDoors = words("路 街 道 巷 弄 村 组 镇")

    // MARK: Roads

    private mutating func readRoad(_ road: Range<Int>) {
        if road.lowerBound > position {
            if let village = endOfVillage(before: road.lowerBound) { takeOpen(.village, .villageEnding, position..<village) }
            if road.lowerBound > position { takeName(position..<road.lowerBound) }
        }
        (isInEstate, isInHall) = (false, false)
        if isOpen(.road) { return take(.road, .roadEnding, road) }
        // Of two roads, the one with the number is the address.
        guard isOpen(.roadNumber), AddressNumber.end(in: letters, from: road.upperBound) != nil, let first = readings.firstIndex(where: { $0.part == .road })
        else { return take(.unparsed, .second, road) }
        readings[first] = AddressReading(part: .unparsed, rule: .second, range: readings[first].range)
        take(.road, .roadEnding, road)
    }

    /// The first road that is named before `end`, without what is named before it (a village, a park).
    private func road(before end: Int) -> Range<Int>? {
        var start = position
        var place = position
        while place < end {
            if place > start, let close = endOfRoad(at: place, before: end) { return start..<close }
            // A name that ends here and leaves one that is long enough.
            if let length = length(of: Self.beforeRoads, at: place), length > 1 || place - start >= 2 || isNumbered(place) {
                place += length
                if end - place >= 2 { start = place }
            } else {
                place += 1
            }
        }
        return nil
    }

    /// Whether 区 or 期 stands here behind a number or letter: B区, 二期.
    private func isNumbered(_ place: Int) -> Bool {
        guard place > position, letters[place] == Self.area || letters[place] == Self.phase else { return false }
        return AddressText.isCode(letters[place - 1]) || AddressNumber.isNumeral(letters[place - 1])
    }

    private static let area: UInt32 = 0x533A, phase: UInt32 = 0x671F

    /// The end of a road whose ending begins at a place.
    private func endOfRoad(at place: Int, before end: Int) -> Int? {
        guard let length = length(of: Self.roadEndings, at: place) else { return nil }
        let close = place + length
        guard close <= end else { return nil }
        let next = close < end ? letters[close] : 0
        switch letters[place] {
        case Self.road, Self.street: return Self.noRoadBefore.contains(next) || isNewVillage(at: close) ? nil : close
        case Self.alley: return Self.noRoadBefore.contains(next) ? nil : close
        case Self.lane: return close == end ? close : nil
        // 道 and 线 end many words: as roads they stand before a number or at the end.
        case Self.way: return close == end && !Self.noWayAfter.contains(letters[place - 1]) ? close : nil
        case Self.line: return close == end && end < letters.count ? close : nil
        default: return Self.noRoadBefore.contains(next) ? nil : close
        }
    }

    private func isNewVillage(at place: Int) -> Bool { length(of: Self.newVillage, at: place) != nil }
    private static let newVillage = words("新村 花园 公寓 大厦 中学 大桥 步行街")

    private static let roadEndings = words("大道 大街 公路 国道 省道 县道 胡同 路 街 巷 弄 道 线")
    private static let road: UInt32 = 0x8DEF, street: UInt32 = 0x8857, alley: UInt32 = 0x5DF7, lane: UInt32 = 0x5F04
    private static let way: UInt32 = 0x9053, line: UInt32 = 0x7EBF
    /// Letters with which the word goes on: 路桥, 路村, 街道, 街区 …; and the ending of a longer road (兴街路).
    private static let noRoadBefore = "村桥社小街路站镇道区坊亭头".unicodeScalars.map(\.value)
    private static let noWayAfter = "街隧铁通渠航河轨赛".unicodeScalars.map(\.value)
    /// What ends a name that stands before a road's.
    private static let beforeRoads = words("工业园区 工业区 工业园 创业园 科技园 产业园 开发区 高新区 园区 社区 小区 新区 新村 村委会 居委会 村 广场 市场 中心 大厦 公司 街道 镇 区 期")

    // MARK: Villages

    /// `五组`, `12组`, and in a village 小坪组: a villagers' group.
    private func endOfGroup() -> Int? {
        if let end = AddressNumber.end(in: letters, from: position) { return letter(end) == Self.group && letter(end + 1) != Self.cluster ? end + 1 : nil }
        guard readings.last?.part == .village else { return nil }
        for place in position + 2..<max(min(position + 4, letters.count), position + 2) where letters[place] == Self.group || letters[place] == Self.team {
            return place + 1 == letters.count || AddressText.isDigit(letters[place + 1]) ? place + 1 : nil
        }
        return nil
    }

    private static let group: UInt32 = 0x7EC4, cluster: UInt32 = 0x56E2, team: UInt32 = 0x961F

    /// The end of the village named first; nil where the next name is no village.
    private func endOfVillage(before end: Int) -> Int? {
        for place in position + 1..<max(min(position + 8, end), position + 1) {
            if let length = length(of: Self.villages, at: place), place + length <= end {
                let close = place + length
                if Self.noVillageAfter.contains(letters[place - 1]) || length == 1 && Self.noVillageBefore.contains(letter(close)) { return nil }
                return close
            }
            if self.length(of: Self.estates, at: place) != nil { return nil }
        }
        return nil
    }

    private static let villages = words("村委会 村民委员会 居民委员会 居委会 居民区 社区 村委 村")
    /// 新村, 度假村, 一村: estates.
    private static let noVillageAfter = "新假一二三四五六七八九十".unicodeScalars.map(\.value)
    /// 村小区, 村口
    private static let noVillageBefore = "小口".unicodeScalars.map(\.value)

    // MARK: Compounds

    private mutating func readCompound(before end: Int) {
        var close = end
        while let length = endingLength(of: Self.positions, from: position, to: close) { close -= length }
        if close > position { takeName(position..<close) }
        if close < end { take(.unparsed, .position, close..<end) }
    }

    /// A name that is no road and no village's.
    private mutating func takeName(_ range: Range<Int>) {
        let continues = readings.last.map { $0.part == .compound && $0.range.upperBound == range.lowerBound } ?? false
        guard isOpen(.compound) || continues else { return take(.unparsed, .second, range) }
        take(.compound, .name, range)
        isInEstate = endingLength(of: Self.estates, from: range.lowerBound, to: range.upperBound) != nil
        isInHall = endingLength(of: Self.halls, from: range.lowerBound, to: range.upperBound) != nil
    }

    /// Beside the place, not the place.
    private static let positions = words("附近 旁边 对面 隔壁 交叉口 交汇处 大门口 门口 路口 东侧 西侧 南侧 北侧 旁 内 口 与 和")

    /// Endings of estates, whose 号 are buildings.
    static let estates = words("小区 新村 花园 花苑 公寓 家园 嘉园 佳园 山庄 公馆 名邸 别墅 苑 邨 一村 二村 三村 四村 五村 六村 七村 八村 九村 十村 区 期 里弄 里 坊 庭 府 园")
    /// Endings of single large buildings, whose 号 are rooms, unless a room follows.
    private static let halls = words("大厦 大楼 商务楼 商厦 广场 市场 商城")
}
