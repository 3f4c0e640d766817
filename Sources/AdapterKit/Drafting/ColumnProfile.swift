import Foundation
import RecordFormats

/// What the values of one column look like.
struct ColumnProfile {
    let name: String
    private(set) var present = 0
    private(set) var missing = 0
    /// Words that stand for nothing beside values of another kind.
    private(set) var nullWords: Set<String> = []
    private(set) var isUnique = true
    private(set) var distinct = 0
    private(set) var isNumber = false
    private(set) var isInteger = false
    private(set) var isNested = false
    /// Numbers as JSON's, not as text.
    private(set) var isTyped = false
    private(set) var thousands = false
    /// `format` of a date or datetime; nil where the values are none.
    private(set) var timeFormat: String?
    /// Whether the format has a time of day.
    private(set) var hasClock = false
    private(set) var hasZone = false
    /// A second format that fits as well: day and month could be the other way round.
    private(set) var otherFormat: String?
    /// What the values seem to be of a person, by their checksums and shapes; nil where nothing says so.
    let personal: String?
    private(set) var longest = 0
    /// Members inside objects that look personal.
    private(set) var suspects: Set<String> = []

    static let nothing: Set<String> = [
        "NA", "N/A", "n/a", "na", "NaN", "nan", "null", "NULL", "None", "none", "-", "--", "—", "?", "unknown", "暂无资料", "暂无信息", "暂无", "无", "未知", "/",
    ]

    /// - Parameter personal: what the values look like.
    init(_ name: String, in records: [Record], personal: String? = nil) {
        self.name = name
        self.personal = personal
        var texts: [String] = []
        var words: Set<String> = []
        for record in records {
            guard let value = record[name], !value.isEmpty else {
                missing += 1
                continue
            }
            switch value {
            case .array, .object:
                isNested = true
                if suspects.count < 20 { Self.addSuspects(in: value, below: name, to: &suspects) }
            case .number(let digits):
                isTyped = true
                texts.append(digits)
            case .bool(let flag): texts.append(flag ? "true" : "false")
            default:
                let text = (value.string ?? "").trimmingCharacters(in: .whitespaces)
                if text.isEmpty { missing += 1 } else if Self.nothing.contains(text) {
                    words.insert(text)
                    missing += 1
                } else {
                    texts.append(text)
                }
            }
        }
        present = texts.count
        let different = Set(texts)
        distinct = different.count
        isUnique = !texts.isEmpty && missing == 0 && distinct == texts.count && !isNested
        longest = texts.map(\.count).max() ?? 0
        guard !texts.isEmpty else { return }
        nullWords = words
        let plain = texts.map { $0.replacingOccurrences(of: ",", with: "") }
        isNumber = plain.allSatisfy { JSONNumber.isValid($0) }
        thousands = isNumber && texts.contains { $0.contains(",") }
        isInteger = isNumber && !texts.contains { $0.contains(".") || $0.lowercased().contains("e") }
        // A number with a leading zero is a code.
        if isNumber, plain.contains(where: { $0.count > 1 && $0.hasPrefix("0") && !$0.hasPrefix("0.") }) { (isNumber, isInteger, thousands) = (false, false, false) }
        findTime(Array(different.prefix(2000)))
    }

    private static func addSuspects(in value: Value, below path: String, to found: inout Set<String>) {
        switch value {
        case .object(let members):
            for member in members {
                let inner = path + "." + member.name
                if PersonalNames.family(of: inner) != nil { found.insert(inner) }
                addSuspects(in: member.value, below: inner, to: &found)
            }
        case .array(let items): for item in items { addSuspects(in: item, below: path, to: &found) }
        case .null, .bool, .number, .text: break
        }
    }

    private static let formats: [(format: String, clock: Bool)] = [
        ("iso8601", true), ("yyyy-MM-dd H:mm:ss", true), ("yyyy-MM-dd H:mm", true), ("yyyy/M/d H:mm:ss", true), ("yyyy/M/d H:mm", true),
        ("yyyy年M月d日 H:mm:ss", true), ("yyyy年M月d日 H:mm", true), ("yyyy年M月d日", false), ("yyyy/M/d", false), ("yyyy.M.d", false), ("yyyyMMdd", false),
        ("M/d/yyyy h:mm:ss a", true), ("M/d/yyyy H:mm:ss", true), ("M/d/yyyy H:mm", true), ("M/d/yyyy", false), ("d/M/yyyy H:mm:ss", true),
        ("d/M/yyyy H:mm", true), ("d/M/yyyy", false), ("d/M/yy H", true), ("d/M/yy H:mm", true), ("M/d/yy H:mm", true), ("d/M/yy", false), ("M/d/yy", false),
        ("d.M.yyyy H:mm", true), ("d.M.yyyy", false), ("yyyy-MM", false), ("yyyy年M月", false),
    ]

    private mutating func findTime(_ texts: [String]) {
        // A number is a time only where it says so by its length: 20240501.
        let mayBeTime = !isNumber || (isInteger && texts.allSatisfy { $0.count == 8 && ($0.hasPrefix("19") || $0.hasPrefix("20")) })
        guard mayBeTime, texts.allSatisfy({ $0.first?.isNumber ?? false }) else { return }
        for (format, clock) in Self.formats {
            guard let pattern = Self.pattern(format), texts.allSatisfy({ DateReading.parts(of: $0, pattern)?.asUTC != nil }) else { continue }
            if timeFormat != nil {
                otherFormat = format
                return
            }
            timeFormat = format
            hasClock = clock
            if format == "iso8601" {
                let parts = texts.compactMap { DateReading.parts(of: $0, pattern) }
                hasZone = parts.allSatisfy { $0.offset_s != nil }
                hasClock = texts.contains { $0.count > 10 }
                return
            }
        }
    }

    private static func pattern(_ format: String) -> DatePattern? {
        if format == "iso8601" { return .iso8601 }
        guard case .success(let pattern) = DatePattern.compile(format) else { return nil }
        return pattern
    }
}
