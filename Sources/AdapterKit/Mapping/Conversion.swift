import PostgresClient
import RecordFormats

extension Evaluation {
    /// One present value as the expression wants it; nil where it is to be left out.
    func single(_ raw: Value, _ column: ColumnExpression) throws(Refused) -> Value? {
        if column.map != nil || !column.nullWords.isEmpty, let text = RecordColumns.text(of: raw) {
            if column.nullWords.contains(text) { return nil }
            if let map = column.map {
                if let mapped = map[text] { return mapped == .null ? nil : mapped }
                switch column.otherwise {
                case nil, .keep?: break
                case .null?: return nil
                case .quarantine?, .fail?:
                    throw Refused(
                        rule: "map", message: "Column \"\(column.name)\" has a value that its map does not know: it has \(shape(of: raw)).", fails: column.otherwise == .fail)
                }
            }
        }
        do throws(Misfit) {
            return try typed(raw, column)
        } catch {
            switch column.otherwise ?? types {
            case .keep: return raw
            case .null: return nil
            case .quarantine, .fail: throw misfit(error, column, raw)
            }
        }
    }

    /// The moment of a present value; nil where it is a null word.
    func moment(_ given: Value, _ column: ColumnExpression) throws(Refused) -> Timestamp? {
        guard let raw = try matched(given, column) else { return nil }
        if !column.nullWords.isEmpty, let text = RecordColumns.text(of: raw), column.nullWords.contains(text) { return nil }
        do throws(Misfit) {
            switch column.type {
            case .datetime(let pattern, let zone), .date(let pattern, let zone):
                var (parts, offset) = try dated(raw, pattern, zone)
                if column.period == .end { parts = parts.end(of: pattern.precision) }
                guard let local = parts.asUTC else { throw .notThisType }
                return Timestamp(microseconds: local.microseconds - Int64(offset) * 1_000_000)
            default: throw .notThisType
            }
        } catch {
            // A moment is never kept as text: it is there, or not.
            if (column.otherwise ?? types) == .null { return nil }
            throw misfit(error, column, raw)
        }
    }

    private func typed(_ raw: Value, _ column: ColumnExpression) throws(Misfit) -> Value? {
        switch column.type {
        case .asGiven: return raw
        case .text:
            if case .text = raw { return raw }
            guard let text = RecordColumns.text(of: raw) else { throw .notThisType }
            return .text(text)
        case .integer:
            if let reading = column.shaping?.number {
                guard let text = raw.string, let digits = integerDigits(try reading.digits(text)) else { throw .notThisType }
                return .number(digits)
            }
            guard let text = raw.string?.trimmed, let digits = integerDigits(text) else { throw .notThisType }
            return .number(digits)
        case .decimal:
            if let reading = column.shaping?.number {
                guard let text = raw.string else { throw .notThisType }
                return .number(try reading.digits(text))
            }
            if case .number = raw { return raw }
            guard let text = raw.string?.trimmed, let digits = decimalDigits(text) else { throw .notThisType }
            return .number(digits)
        case .boolean:
            if case .bool = raw { return raw }
            guard let text = RecordColumns.text(of: raw), let flag = booleanWords[text.lowercased()] else { throw .notThisType }
            return .bool(flag)
        case .date(let pattern, _):
            guard let text = RecordColumns.text(of: raw), let parts = DateReading.parts(of: text, pattern), parts.asUTC != nil else {
                throw .notThisType
            }
            return .text(parts.dateText(pattern.precision))
        case .year:
            guard let text = RecordColumns.text(of: raw), let year = yearDigits(text) else { throw .notThisType }
            return .number(year)
        case .datetime(let pattern, let zone):
            let (parts, offset) = try dated(raw, pattern, zone)
            return .text(parts.text(offset_s: offset))
        case .json:
            guard case .text(let text) = raw else { return raw }
            guard let parsed = try? JSONParser.parse(text) else { throw .notThisType }
            return parsed == .null ? nil : parsed
        case .geometry: return try geometry(raw, column)
        }
    }

    private func dated(_ raw: Value, _ pattern: DatePattern, _ zone: Zone?) throws(Misfit) -> (DateParts, offset_s: Int) {
        guard let text = RecordColumns.text(of: raw), let parts = DateReading.parts(of: text, pattern), let local = parts.asUTC else {
            throw .notThisType
        }
        if let offset = parts.offset_s { return (parts, offset) }
        guard let zone else { throw .noZone }
        // Rounded down, for moments before 1970.
        let seconds = local.microseconds >= 0 ? local.microseconds / 1_000_000 : (local.microseconds - 999_999) / 1_000_000
        return (parts, zone.offset_s(local_s: seconds))
    }

    private func geometry(_ raw: Value, _ column: ColumnExpression) throws(Misfit) -> Value? {
        var value = raw
        if case .text(let text) = raw {
            guard let parsed = try? JSONParser.parse(text) else { throw .notThisType }
            value = parsed
        }
        guard case .text(let type)? = value[member: "type"], let part = geometryParts[type], case .array? = value[member: part] else {
            throw .notThisType
        }
        guard column.only.isEmpty || column.only.contains(type) else { return nil }
        guard let system = column.system?.name, case .object(let members) = value else { return value }
        return .object(members.filter { $0.name != "crs" } + [Member(name: "crs", value: .text(system))])
    }
}

/// Words that are yes or no, in lower case.
private let booleanWords: [String: Bool] = [
    "true": true, "t": true, "yes": true, "y": true, "1": true, "是": true, "有": true,
    "false": false, "f": false, "no": false, "n": false, "0": false, "否": false, "无": false,
]

/// The geometry types of RFC 7946 and the member that makes each.
let geometryParts: [String: String] = [
    "Point": "coordinates", "MultiPoint": "coordinates", "LineString": "coordinates", "MultiLineString": "coordinates",
    "Polygon": "coordinates", "MultiPolygon": "coordinates", "GeometryCollection": "geometries",
]

/// A year of four digits, with 年 behind it or not; nil for anything else.
private func yearDigits(_ text: String) -> String? {
    let digits = text.hasSuffix("年") ? String(text.dropLast()).trimmed : text
    guard digits.utf8.count == 4, digits.utf8.first != UInt8(ascii: "0"), digits.utf8.allSatisfy({ $0 &- 48 < 10 }) else { return nil }
    return digits
}

/// A whole number in JSON's grammar: "007" and "+7" are 7; nil for anything else.
private func integerDigits(_ text: String) -> String? {
    var text = text
    let isWhole = text.withUTF8 { bytes in
        var at = 0
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") { at += 1 }
        return at < bytes.count && bytes[at...].allSatisfy { $0 &- 48 < 10 }
    }
    guard isWhole else { return nil }
    return text.withUTF8(isPlainInteger) ? text : JSONNumber.normalised(text)
}

/// Whether the digits are a whole number in JSON's grammar as they are.
func isPlainInteger(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let at = bytes.first == UInt8(ascii: "-") ? 1 : 0
    guard at < bytes.count, bytes[at...].allSatisfy({ $0 &- 48 < 10 }) else { return false }
    return bytes[at] != 48 || bytes.count == at + 1
}

/// A decimal number in JSON's grammar, digits kept; nil for anything else.
private func decimalDigits(_ text: String) -> String? {
    var text = text
    return text.withUTF8(isPlainDecimal) ? text : JSONNumber.normalised(text)
}

/// Whether the digits are a number in JSON's grammar as they are.
func isPlainDecimal(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var at = 0
    var points = 0
    if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
    guard at < bytes.count, bytes[at] &- 48 < 10, let last = bytes.last, last &- 48 < 10 else { return false }
    if bytes[at] == 48, at + 1 < bytes.count, bytes[at + 1] != UInt8(ascii: ".") { return false }
    while at < bytes.count {
        if bytes[at] == UInt8(ascii: ".") { points += 1 } else if bytes[at] &- 48 >= 10 { return false }
        at += 1
    }
    return points <= 1
}
