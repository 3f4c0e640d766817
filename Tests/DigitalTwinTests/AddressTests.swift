import Testing
import TwinReference

@testable import DigitalTwin

/// Texts to parts; each case is one rule or one trap.
@Suite struct AddressTests {
    private static let parser = AddressParser()

    private static func parts(of text: String, _ parser: AddressParser = parser) -> String {
        let address = parser.parse(text)
        let division = address.division.map { ["division \($0)"] } ?? []
        return (division + AddressPart.allCases.compactMap { part in address[part].map { "\(part.rawValue) \($0)" } }).joined(separator: " | ")
    }

    @Test(arguments: [
        ("上海市浦东新区浦东南路1234弄5号601室", "division 310115 | province 上海市 | district 浦东新区 | road 浦东南路 | lane 1234 | entrance 5 | room 601"),
        ("浦东南路1234弄5号601", "road 浦东南路 | lane 1234 | entrance 5 | room 601"),
        ("浦东南路１２３４弄５号６０１室", "road 浦东南路 | lane 1234 | entrance 5 | room 601"),
        ("浦东南路1234弄十二号601室", "road 浦东南路 | lane 1234 | entrance 12 | room 601"),
        ("云台新村3幢2单元601室", "compound 云台新村 | building 3 | entrance 2 | room 601"),
        ("云台新村3号楼601", "compound 云台新村 | building 3 | room 601"),
        ("云台新村3-2-601", "compound 云台新村 | building 3 | entrance 2 | room 601"),
        ("云台新村3-2", "compound 云台新村 | building 3 | entrance 2"),
        ("云台新村11-802", "compound 云台新村 | building 11 | room 802"),
        ("云台新村三栋二门601户", "compound 云台新村 | building 3 | entrance 2 | room 601"),
        ("浦东新区陆家嘴街道浦东南路1234弄 云台新村3#601", "division 310115005 | district 浦东新区 | town 陆家嘴街道 | road 浦东南路 | lane 1234 | compound 云台新村 | building 3 | room 601"),
        ("浦东南路1234弄（云台新村）5号601室", "road 浦东南路 | lane 1234 | compound 云台新村 | entrance 5 | room 601"),
        ("浦東新區東昌路十二弄二十號一〇三室", "division 310115 | district 浦东新区 | road 东昌路 | lane 12 | entrance 20 | room 103"),
        ("浦东新区东昌路一百零三号", "division 310115 | district 浦东新区 | road 东昌路 | road_number 103"),
        ("公园道一号3幢502", "compound 公园道一号 | building 3 | room 502"),
        ("滨江一号院2号楼1单元303", "compound 滨江一号院 | building 2 | entrance 1 | room 303"),
        ("中山路一号", "road 中山路 | road_number 1"),
        ("海棠花园(一期)12幢", "compound 海棠花园一期 | building 12"),
        ("海棠花园5号", "compound 海棠花园 | building 5"),
        ("上海市上海市浦东新区东昌路5号", "division 310115 | province 上海市 | district 浦东新区 | road 东昌路 | road_number 5 | repeated 上海市"),
        ("浙江省杭州市浙江省杭州市西湖区文一西路1256号", "division 330106 | province 浙江省 | city 杭州市 | district 西湖区 | road 文一西路 | road_number 1256 | repeated 浙江省杭州市"),
        ("宁波市江东区民安路99号", "division 3302 | city 宁波市 | district 江东区 | road 民安路 | road_number 99"),
        ("奉化市桃园路75-10号", "division 330213 | district 奉化市 | road 桃园路 | road_number 75-10"),
        ("安庆市宿松县许岭镇雨岭村后咀组4-17号", "division 340826103 | city 安庆市 | district 宿松县 | town 许岭镇 | village 雨岭村 | road 后咀组 | road_number 4-17"),
        ("崇明区城桥镇湄洲新村12号楼东单元301室", "division 310151101 | district 崇明区 | town 城桥镇 | compound 湄洲新村 | building 12 | entrance 东 | room 301"),
        ("乳山路98弄甲单元", "road 乳山路 | lane 98 | entrance 甲"),
        ("东方路1000号九楼B座", "road 东方路 | road_number 1000 | building B | floor 9"),
        ("东方路1000号世纪大厦负二楼", "road 东方路 | road_number 1000 | compound 世纪大厦 | floor -2"),
        ("东方路1000号世纪大厦B1层12号", "road 东方路 | road_number 1000 | compound 世纪大厦 | floor -1 | room 12"),
        ("文二西路紫桂花园122-10-905", "road 文二西路 | compound 紫桂花园 | building 122 | entrance 10 | room 905"),
        ("永盛路顺丰基地大门口", "road 永盛路 | compound 顺丰基地 | unparsed 大门口"),
        ("亚厦大道与风帆路交叉口", "road 亚厦大道 | unparsed 与风帆路交叉口"),
        ("亚厦大道风帆路8号", "road 风帆路 | road_number 8 | unparsed 亚厦大道"),
        ("渐美里1到120号", "compound 渐美里 | unparsed 1到120号"),
        ("张杨路88弄0012号0601室", "road 张杨路 | lane 88 | entrance 12 | room 601"),
        ("朝阳区建国路93号院3号楼1201", "district 朝阳区 | road 建国路 | road_number 93 | building 3 | room 1201"),
        ("商城路660号 13812345678", "road 商城路 | road_number 660 | unparsed 13812345678"),
        ("锦绣小区4栋602张先生电联", "compound 锦绣小区 | building 4 | room 602 | unparsed 张先生电联"),
        ("江宁路153号3楼KTV", "road 江宁路 | road_number 153 | compound KTV | floor 3"),
        ("中国上海市静安区万航渡路888号12F", "division 310106 | province 上海市 | district 静安区 | road 万航渡路 | road_number 888 | floor 12 | repeated 中国"),
        ("北京西路1399号", "road 北京西路 | road_number 1399"),
        ("青岛路12号", "road 青岛路 | road_number 12"),
        ("和平村三组15号", "village 和平村 | road 三组 | road_number 15"),
        ("和平村社区居委会", "village 和平村 | compound 社区居委会"),
        ("10 Downing Street, London SW1A 2AA", "unparsed 10 Downing Street London SW1A 2AA"),
        ("無此地址", "compound 无此地址"),
        ("", ""),
        ("--", ""),
    ])
    func table(_ text: String, _ expected: String) { #expect(Self.parts(of: text) == expected) }

    @Test("Nothing is lost: the readings cover every letter once, in order, and the original stays")
    func nothingIsLost() {
        let pieces = ["上海市", "浦东", "新区", "东昌路", "12弄", "3号", "云台新村", "小区", "-", "7", "601室", "村", "镇", "#", "十二", "栋", "（", "）", " ", "A", "到", "路", "一号", "組"]
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 1...9, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let address = Self.parser.parse(text)
            #expect(address.original == text)
            let covered = address.readings.sorted { $0.range.lowerBound < $1.range.lowerBound }.flatMap { Array($0.range) }
            // Hyphens join two parts, blanks part them: they are nobody's.
            let joints = address.letters.indices.filter { !covered.contains($0) }
            #expect(joints.allSatisfy { [0x20, 0x2D].contains(address.letters[$0]) }, "\(text) leaves something out")
            #expect(Set(covered).count == covered.count, "\(text) reads something twice")
        }
    }

    @Test("Home decides between divisions of one name, and stands in where none is named")
    func home() {
        let beijing = AddressParser(home: 1101), changchun = AddressParser(home: 220104)
        #expect(beijing.parse("朝阳区建国路93号").division == 110105)
        #expect(changchun.parse("朝阳区建国路93号").division == 220104)
        #expect(Self.parser.parse("朝阳区建国路93号").division == nil)
        #expect(AddressParser(home: 310115).parse("东昌路5号").division == 310115)
        #expect(AddressParser(home: 310115).parse("杭州市西湖区文一西路5号").division == 330106)
    }

    @Test("Names that the caller knows are read before any rule")
    func lexicon() {
        #expect(Self.parts(of: "东方路一号3幢502") == "road 东方路 | road_number 1 | building 3 | room 502")
        let parser = AddressParser(names: ["东方路一号"])
        #expect(Self.parts(of: "东方路一号3幢502", parser) == "compound 东方路一号 | building 3 | room 502")
    }

    @Test("Each reading says which rule read which letters")
    func why() {
        let address = Self.parser.parse("浦东新区东昌路12弄（云台新村）3号601")
        #expect(address.readings.map { "\($0.rule.rawValue) \(address.text(of: $0))" } == [
            "gazetteer 浦东新区", "road_ending 东昌路", "unit 12弄", "name 云台新村", "lane_door 3号", "bare_number 601",
        ])
    }

    @Test(arguments: [
        ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("一百", 100), ("一百零三", 103), ("一百二十", 120), ("两百", 200), ("一千零一", 1001),
        ("一二〇三", 1203), ("〇三", 3), ("壹拾贰", 12),
    ])
    func numerals(_ text: String, _ number: Int) { #expect(AddressNumber.value(of: AddressText.letters(of: text)[...]) == String(number)) }

    @Test("The gazetteer has what the files have, and codes hold one another")
    func gazetteer() {
        let gazetteer = Gazetteer.builtIn
        #expect(gazetteer.name(of: 31) == "上海市")
        #expect(gazetteer.name(of: 310115) == "浦东新区")
        #expect(gazetteer.name(of: 310115005) == "陆家嘴街道")
        #expect(gazetteer.name(of: 99) == nil)
        #expect(Gazetteer.contains(31, 310115005) && Gazetteer.contains(3101, 310115) && Gazetteer.contains(310115, 310115))
        #expect(!Gazetteer.contains(310115, 31) && !Gazetteer.contains(33, 310115))
    }

    @Test("Traditional characters become simplified ones; those that simplified names use stay", arguments: [("東區號樓", "东区号楼"), ("乾隆著", "乾隆著")])
    func simplification(_ text: String, _ simplified: String) { #expect(AddressText.letters(of: text)[...].text == simplified) }
}
