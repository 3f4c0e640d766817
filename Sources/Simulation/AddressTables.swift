/// Names of places. The roads are real roads of Lujiazui; the lanes, compounds and companies on them are invented.
enum AddressTables {
    static let roads = [
        "浦东南路", "东昌路", "商城路", "乳山路", "崂山路", "张杨路", "东方路", "福山路", "南泉北路", "银城中路",
        "潍坊路", "栖霞路", "浦城路", "富城路", "即墨路", "招远路", "昌邑路", "松林路", "荣成路", "北张家浜路",
    ]
    static let compoundNames = [
        "云台", "锦绣", "海棠", "滨江", "望江", "梅园", "桃源", "银杏", "玉兰", "明珠", "东园", "春晓", "松林", "荷花", "金桂", "翠竹",
        "晨曦", "浦江", "临江", "华安", "嘉和", "安居", "福泽", "永泰", "长青", "和平", "光明", "振兴", "康宁", "百合", "丹桂", "水清",
        "南洋", "北辰", "西苑", "静安里", "同济", "复兴里", "吉祥", "如意", "仁和", "礼安", "四季", "九州", "文华", "书香", "恒丰", "凯旋",
    ]
    static let compoundEndings = ["新村", "花园", "公寓", "苑", "家园", "小区", "一村", "大厦"]
    static let managers = ["申浦物业", "东岸物业服务", "陆安物业", "滨城物业管理", "恒居物业"]
    static let handlers = ["陆家嘴街道城运中心", "房管所", "城管中队", "供水分公司", "市场监管所", "派出所", "电力抢修队", "绿化市容所"]

    /// Forms of a compound's name that stand beside the official one in other departments' lists (observed in portals'
    /// lists of compounds: added 小区, the older character 邨, phase in brackets, digits for numerals, road before it).
    static func aliases(of name: String, road: String) -> [String] {
        var forms = [name + "小区", road + name, name + "(一期)", name + "（南区）"]
        if name.hasSuffix("新村") { forms.append(name.dropLast(1) + "邨") }
        if name.hasSuffix("一村") { forms.append(name.dropLast(2) + "1村") }
        if name.hasSuffix("花园") { forms.append(String(name.dropLast(2)) + "苑") }
        if name.hasSuffix("小区") { forms.append(String(name.dropLast(2))) }
        return forms
    }
}

/// Where a home is, in the terms of all departments at once.
struct HomeAddress {
    var road: String
    var lane: Int
    /// 号: in Shanghai the number of an entrance, counted through the compound.
    var number: Int
    var compound: String
    /// The compound's place in `Layout.compounds`.
    var compoundIndex: Int
    /// 幢: the property company's number of the building.
    var building: Int
    /// 单元: the entrance within the building.
    var unit: Int
    /// Empty for a building as such.
    var room: String
}

/// The styles in which departments write an address.
enum AddressStyle: Int, CaseIterable {
    case official, short, fullWidth, chineseNumerals, buildingUnitRoom, buildingTower, hyphens, gateDoor, noisyLong, brackets

    func write(_ a: HomeAddress) -> String {
        let room = a.room
        let hasRoom = !room.isEmpty
        switch self {
        case .official:
            return "上海市浦东新区\(a.road)\(a.lane)弄\(a.number)号" + (hasRoom ? room + "室" : "")
        case .short:
            return "\(a.road)\(a.lane)弄\(a.number)号\(room)"
        case .fullWidth:
            return AddressStyle.fullWidth("\(a.road)\(a.lane)弄\(a.number)号" + (hasRoom ? room + "室" : ""))
        case .chineseNumerals:
            return "\(a.road)\(a.lane)弄\(AddressStyle.chinese(a.number))号" + (hasRoom ? room + "室" : "")
        case .buildingUnitRoom:
            return "\(a.compound)\(a.building)幢\(a.unit)单元" + (hasRoom ? room + "室" : "")
        case .buildingTower:
            return "\(a.compound)\(a.building)号楼\(room)"
        case .hyphens:
            return hasRoom ? "\(a.compound)\(a.building)-\(a.unit)-\(room)" : "\(a.compound)\(a.building)-\(a.unit)"
        case .gateDoor:
            return "\(a.compound)\(AddressStyle.chinese(a.building))栋\(a.unit)门" + (hasRoom ? room + "户" : "")
        case .noisyLong:
            return "浦东新区陆家嘴街道\(a.road)\(a.lane)弄 \(a.compound)\(a.building)#\(room)"
        case .brackets:
            return "\(a.road)\(a.lane)弄（\(a.compound)）\(a.number)号" + (hasRoom ? room + "室" : "")
        }
    }

    /// Digits as １２３, which input methods produce.
    static func fullWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0x30...0x39).contains(scalar.value) ? Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar : scalar
                }))
    }

    /// 1 to 9,999 as 一, 十二, 二十, 一百零三.
    static func chinese(_ number: Int) -> String {
        let digits = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"]
        guard (1...9999).contains(number) else { return String(number) }
        var text = ""
        var gap = false
        for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
            let digit = number / unit % 10
            if digit == 0 { gap = gap || !text.isEmpty; continue }
            if gap { text += digits[0]; gap = false }
            if unit == 10, digit == 1, text.isEmpty { text += name } else { text += digits[digit] + name }
        }
        return text
    }
}
