/// What has a number of its own: devices and organisations.
extension EntityKind {
    private static let parser = AddressParser()

    // MARK: Devices

    /// A device's number is a key where it is long enough to be the maker's or an authority's, not a source's own; else one name for one property in one building.
    static let sensor = EntityKind(
        name: "sensor",
        sources: [ClaimSource(kind: "sensor", cells: ["l.building_id", "c.observed_property", "c.feature_of_interest", "c.name", "ST_X(c.location) || ' ' || ST_Y(c.location)"])],
        rules: MatchRules(
            kind: "sensor",
            attributes: [
                ComparedAttribute("building", .code), ComparedAttribute("property", .code), ComparedAttribute("feature", .code), ComparedAttribute("name", .text),
                ComparedAttribute("place", .place, steps: [1, 5, 20]), ComparedAttribute("number", .code),
            ],
            blocks: [["number"], ["building", "property", "name"], ["feature", "property", "name"]], vetoes: [("they observe different properties", ["property"])],
            keys: [
                ("one device's number", ["number": 1...1]), ("one name and property in one building", ["building": 1...1, "property": 1...1, "name": 1...1, "place": 0...3]),
                ("one name and property of one thing", ["feature": 1...1, "property": 1...1, "name": 1...1, "place": 0...3]),
            ],
            isLearned: false, largestBlock: 100),
        texts: { id, cells in cells + [deviceNumber(id.key)] })

    /// A camera by its number; else by place, use and owner, where its name says nothing else: four of them may hang on one pole.
    static let camera = EntityKind(
        name: "camera",
        sources: [ClaimSource(kind: "camera", cells: ["l.building_id", "c.usage", "c.owner", "c.name", "ST_X(c.location) || ' ' || ST_Y(c.location)", "c.number"])],
        rules: MatchRules(
            kind: "camera",
            attributes: [
                ComparedAttribute("building", .code), ComparedAttribute("usage", .code), ComparedAttribute("owner", .text), ComparedAttribute("name", .text),
                ComparedAttribute("place", .place, steps: [1, 5, 20]), ComparedAttribute("number", .code), ComparedAttribute("national", .code), ComparedAttribute("square", .code),
            ],
            blocks: [["number"], ["square", "usage"], ["building", "usage"]], vetoes: [("their national numbers differ", ["national"])],
            keys: [
                ("one device's number", ["number": 1...1]), ("one place, use and owner", ["place": 1...1, "usage": 1...1, "owner": 1...1, "name": 0...1]),
                ("one name, use and owner in one building", ["building": 1...1, "usage": 1...1, "owner": 1...1, "name": 1...1, "place": 0...3]),
            ],
            doubts: [("one place and use", ["place": 1...2, "usage": 1...1])], isLearned: false, largestBlock: 400),
        texts: { id, cells in
            let number = deviceNumber(cells[5] ?? id.key)
            return [
                cells[0], cells[1], cells[2].map(organisationName), cells[3], cells[4], number, number.flatMap { $0.count == 20 && $0.allSatisfy(\.isNumber) ? $0 : nil },
                cells[4].map(square),
            ]
        })

    /// The number of a device as it is compared; nil where it is too short to be more than a source's own.
    private static func deviceNumber(_ key: String) -> String? {
        let letters = key.uppercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return letters.count >= 10 && letters.filter(\.isNumber).count >= 6 ? letters : nil
    }

    /// The square of about 100 m in which a place lies: what is at one point is in one square, but for its edges.
    private static func square(_ place: String) -> String {
        place.split(separator: " ").map { String(Int(((Double($0) ?? 0) * 1_000).rounded(.down))) }.joined(separator: " ")
    }

    // MARK: Organisations

    /// An organisation by its credit code; else by its name at its address.
    static let organisation = EntityKind(
        name: "organisation", sources: [ClaimSource(kind: "organisation", cells: ["c.credit_code", "c.name", "c.address", "l.building_id"], addresses: [2])],
        rules: MatchRules(
            kind: "organisation",
            attributes: [ComparedAttribute("code", .code), ComparedAttribute("name", .text), ComparedAttribute("door", .code), ComparedAttribute("building", .code)],
            blocks: [["code"], ["name"]], vetoes: [("their credit codes differ", ["code"])],
            keys: [("one credit code", ["code": 1...1]), ("one name at one door", ["name": 1...1, "door": 1...1]), ("one name in one building", ["name": 1...1, "building": 1...1])],
            doubts: [("one name", ["name": 1...1])], isLearned: false, largestBlock: 400),
        texts: { _, cells in
            let address = cells[2].map(parser.parse)
            let door = address.flatMap { address in
                address[.road].flatMap { road in (address[.lane].map { "弄" + $0 } ?? address[.roadNumber]).map { road + " " + $0 } }
            }
            return [cells[0].flatMap(creditCode), cells[1].map(organisationName), door, cells[3]]
        })

    /// A unified social credit code 统一社会信用代码 as it is compared; nil where its check character is wrong (GB 32100).
    static func creditCode(_ text: String) -> String? {
        let letters = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
        let code = Address.value(.unparsed, text).uppercased().filter { !$0.isWhitespace && $0 != "-" }
        let values = code.compactMap { letters.firstIndex(of: $0) }
        guard code.count == 18, values.count == 18 else { return nil }
        var sum = 0, weight = 1
        for value in values.dropLast() {
            sum += value * weight
            weight = weight * 3 % 31
        }
        return (31 - sum % 31) % 31 == values[17] ? code : nil
    }

    /// A company's name as it is compared: half width, simplified, without its legal form.
    static func organisationName(_ text: String) -> String {
        var name = Address.value(.compound, text).filter { !$0.isWhitespace }
        for form in legalForms where name.hasSuffix(form) && name.count > form.count + 1 {
            name.removeLast(form.count)
            break
        }
        return name
    }

    /// The longer first. Not the branch (分公司) and not the group (集团): these are others.
    private static let legalForms = ["股份有限公司", "有限责任公司", "股份公司", "有限公司", "公司"]
}
