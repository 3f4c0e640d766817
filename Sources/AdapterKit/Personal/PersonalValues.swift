import RecordFormats

/// What the values of columns look like, counted over the samples: for columns whose names say nothing.
///
/// A check digit or a form that many values share is no accident; a single value may be one.
struct PersonalValues {
    private struct Counts {
        var values = 0
        var hits: [String: Int] = [:]
        /// For names: the same few words over and over are no names.
        var names: Set<String> = []
    }

    private var columns: [String: Counts] = [:]

    /// Takes in a record's values, also those inside objects and lists.
    mutating func note(_ record: Record) {
        for (name, value) in zip(record.shape.names, record.values) { note(value, as: name) }
    }

    private mutating func note(_ value: Value, as path: String) {
        switch value {
        case .object(let members): for member in members { note(member.value, as: path + "." + member.name) }
        case .array(let elements): for element in elements { note(element, as: path) }
        case .text, .number:
            guard let text = RecordColumns.text(of: value), !text.isEmpty, columns.count < 4096 || columns[path] != nil else { return }
            columns[path, default: Counts()].values += 1
            guard let family = Self.family(of: text) else { return }
            columns[path, default: Counts()].hits[family, default: 0] += 1
            if family == "name", columns[path, default: Counts()].names.count < 100 { columns[path, default: Counts()].names.insert(text) }
        case .null, .bool: break
        }
    }

    /// Columns whose values look personal, and like what.
    var suspects: [(column: String, family: String)] {
        columns.compactMap { column, counts in
            guard let (family, hits) = counts.hits.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
            let share = Double(hits) / Double(counts.values)
            let isSuspect = switch family {
            case "id_number": hits >= 2 || share == 1
            case "bank_card": hits >= 3 && share >= 0.8
            case "name": counts.names.count >= 10 && share >= 0.9
            default: hits >= 3 && share >= 0.5
            }
            return isSuspect ? (column, family) : nil
        }.sorted { $0.column < $1.column }
    }

    /// What one value looks like; nil where it looks like nothing personal.
    static func family(of text: String) -> String? {
        let utf8 = Array(text.utf8)
        if isIDNumber(utf8) { return "id_number" }
        let digits = utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "-") }
        if isMobile(digits) { return "phone" }
        if isBankCard(digits) { return "bank_card" }
        if isAddress(text) { return "email" }
        return isName(text) ? "name" : nil
    }

    /// GB 11643-1999: area, birth date, order, and a check character (ISO 7064, MOD 11-2). Unified social credit codes (GB 32100) have
    /// 18 characters too, but letters among them or no date, and another check: they name firms.
    static func isIDNumber(_ text: [UInt8]) -> Bool {
        guard text.count == 18, text.prefix(17).allSatisfy({ (48...57).contains($0) }) else { return false }
        func number(_ range: Range<Int>) -> Int { text[range].reduce(0) { $0 * 10 + Int($1 - 48) } }
        guard (1850...2199).contains(number(6..<10)), (1...12).contains(number(10..<12)), (1...31).contains(number(12..<14)) else { return false }
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(weights, text).reduce(0) { $0 + $1.0 * Int($1.1 - 48) }
        return Array("10X98765432".utf8)[sum % 11] == (text[17] == UInt8(ascii: "x") ? UInt8(ascii: "X") : text[17])
    }

    /// Mainland mobile numbers: eleven digits from 13 to 19, with or without +86.
    static func isMobile(_ text: [UInt8]) -> Bool {
        var text = text[...]
        if text.first == UInt8(ascii: "+") { text = text.dropFirst() }
        if text.count == 13, text.starts(with: Array("86".utf8)) { text = text.dropFirst(2) }
        guard text.count == 11, text.allSatisfy({ (48...57).contains($0) }), text.first == UInt8(ascii: "1") else { return false }
        return text[text.startIndex + 1] >= UInt8(ascii: "3")
    }

    /// ISO/IEC 7812: 16 to 19 digits of a bank's or scheme's range, the last by Luhn's formula.
    static func isBankCard(_ text: [UInt8]) -> Bool {
        guard (16...19).contains(text.count), text.allSatisfy({ (48...57).contains($0) }) else { return false }
        guard text.starts(with: Array("62".utf8)) || [UInt8(ascii: "4"), UInt8(ascii: "5")].contains(text[0]) else { return false }
        let sum = text.reversed().enumerated().reduce(0) { sum, place in
            let digit = Int(place.element - 48) * (place.offset % 2 == 1 ? 2 : 1)
            return sum + (digit > 9 ? digit - 9 : digit)
        }
        return sum % 10 == 0
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !parts[1].hasSuffix(".") && !text.contains(" ")
    }

    /// Two to four Chinese characters that begin with one of the hundred most frequent surnames.
    private static func isName(_ text: String) -> Bool {
        guard (2...4).contains(text.count), text.unicodeScalars.allSatisfy({ (0x4E00...0x9FFF).contains($0.value) }) else { return false }
        return text.first.map { surnames.contains($0) } == true || doubleSurnames.contains(where: text.hasPrefix)
    }

    private static let surnames = Set(
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董袁潘蒋蔡余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    )
    private static let doubleSurnames = ["欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "司徒", "东方", "慕容", "令狐", "夏侯"]
}
