/// How a source writes dates and times.
///
/// A pattern is made of Unicode's date fields (UTS 35, "Date Format Patterns"): `yyyy yy M MM MMM d dd H HH h hh m mm s ss S…S a X Z`,
/// everything else stands for itself; letters that stand for themselves go into apostrophes (`'T'`).
enum DatePattern: Sendable, Hashable {
    /// RFC 3339 and its looser relatives: a blank for the T, no seconds, no zone, a date alone.
    case iso8601
    /// Seconds since 1970-01-01T00:00:00Z, a fraction allowed.
    case epochSeconds
    /// Milliseconds since then.
    case epochMilliseconds
    case fields([Field], text: String)

    enum Field: Sendable, Hashable {
        case year(digits: Int)
        case month(digits: Int)
        /// `Jan` … `Dec`, any case.
        case monthName
        case day(digits: Int)
        case hour24(digits: Int)
        case hour12(digits: Int)
        case minute(digits: Int)
        case second(digits: Int)
        case fraction(digits: Int)
        /// AM, PM, 上午, 下午.
        case halfDay
        /// `Z`, `+08`, `+0800` or `+08:00`.
        case offset
        case literal([UInt8])
    }

    /// The pattern as the manifest writes it.
    var text: String {
        switch self {
        case .iso8601: "iso8601"
        case .epochSeconds: "epoch_s"
        case .epochMilliseconds: "epoch_ms"
        case .fields(_, let text): text
        }
    }

    /// Whether every text that fits says its zone itself.
    var hasOwnZone: Bool {
        switch self {
        case .iso8601: false
        case .epochSeconds, .epochMilliseconds: true
        case .fields(let fields, _): fields.contains(.offset)
        }
    }

    /// Whether a time of day is part of it.
    var hasTime: Bool {
        guard case .fields(let fields, _) = self else { return true }
        return fields.contains { if case .hour24 = $0 { true } else if case .hour12 = $0 { true } else { false } }
    }

    /// How much of a date its texts say.
    enum Precision: Sendable, Hashable {
        case year, month, day
    }

    var precision: Precision {
        guard case .fields(let fields, _) = self else { return .day }
        var precision = Precision.year
        for field in fields {
            switch field {
            case .day: return .day
            case .month, .monthName: precision = .month
            default: break
            }
        }
        return precision
    }

    /// - Returns: the pattern, or the reason why there is none.
    static func compile(_ text: String) -> Result<DatePattern, PatternFault> {
        switch text {
        case "iso8601": return .success(.iso8601)
        case "epoch_s": return .success(.epochSeconds)
        case "epoch_ms": return .success(.epochMilliseconds)
        default: break
        }
        var fields: [Field] = []
        var rest = Array(text.unicodeScalars)[...]
        while let first = rest.first {
            if first == "'" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "'") else { return .failure(PatternFault("has an apostrophe without its partner")) }
                let quoted = rest[rest.startIndex..<end]
                fields.append(literal: quoted.isEmpty ? ["'"] : Array(quoted))
                rest = rest[(end + 1)...]
            } else if first.properties.isAlphabetic && first.isASCII {
                let run = rest.prefix { $0 == first }
                rest = rest.dropFirst(run.count)
                guard let field = field(first, count: run.count) else {
                    return .failure(PatternFault("has the unknown field \"\(String(String.UnicodeScalarView(run)))\""))
                }
                fields.append(field)
            } else {
                fields.append(literal: [first])
                rest.removeFirst()
            }
        }
        guard fields.contains(where: { if case .year = $0 { true } else { false } }) else { return .failure(PatternFault("has no year")) }
        let pattern = DatePattern.fields(fields, text: text)
        if pattern.hasTime, pattern.precision != .day { return .failure(PatternFault("has a time of day, but no day")) }
        if fields.contains(where: { if case .day = $0 { true } else { false } }),
            !fields.contains(where: { if case .month = $0 { true } else { $0 == .monthName } })
        {
            return .failure(PatternFault("has a day, but no month"))
        }
        return .success(pattern)
    }

    private static func field(_ letter: Unicode.Scalar, count: Int) -> Field? {
        switch (letter, count) {
        case ("y", 1), ("y", 4): .year(digits: 4)
        case ("y", 2): .year(digits: 2)
        case ("M", 1...2): .month(digits: count)
        case ("M", 3): .monthName
        case ("d", 1...2): .day(digits: count)
        case ("H", 1...2): .hour24(digits: count)
        case ("h", 1...2): .hour12(digits: count)
        case ("m", 1...2): .minute(digits: count)
        case ("s", 1...2): .second(digits: count)
        case ("S", 1...9): .fraction(digits: count)
        case ("a", 1): .halfDay
        case ("X", 1...3), ("Z", 1...3): .offset
        default: nil
        }
    }
}

/// Why a date pattern is none; completes the sentence "The pattern …".
struct PatternFault: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

extension [DatePattern.Field] {
    fileprivate mutating func append(literal scalars: [Unicode.Scalar]) {
        let bytes = Array<UInt8>(String(String.UnicodeScalarView(scalars)).utf8)
        if case .literal(let before)? = last {
            self[count - 1] = .literal(before + bytes)
        } else {
            append(.literal(bytes))
        }
    }
}
