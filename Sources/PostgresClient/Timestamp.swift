/// A moment, in microseconds since 1970-01-01T00:00:00Z: PostgreSQL's resolution, without its epoch.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// From the parts of a UTC time of day on a proleptic Gregorian date; nil where a part is out of its range.
    package init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, microsecond: Int = 0) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year),
            (0...24).contains(hour), (0...59).contains(minute), (0...59).contains(second), (0...999_999).contains(microsecond),
            hour < 24 || (minute == 0 && second == 0 && microsecond == 0)
        else { return nil }
        let seconds = Int64(Self.daysSinceEpoch(year: year, month: month, day: day)) * 86_400
            + Int64(hour) * 3600 + Int64(minute) * 60 + Int64(second)
        self.init(microseconds: seconds * 1_000_000 + Int64(microsecond))
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    /// Days from 1970-01-01 to a date, by the civil-calendar algorithm of Howard Hinnant ("chrono-Compatible Low-Level Date Algorithms").
    package static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date of a number of days since 1970-01-01; the inverse of `daysSinceEpoch`.
    package static func civil(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let z = daysSinceEpoch + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
    }

    package static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: return 30
        default: return 31
        }
    }
}

extension Timestamp {
    /// Reads `2024-05-01T12:00:03.25+08:00` and its shorter forms (RFC 3339; also a blank for the T, `Z`, `+08`, `+0800`,
    /// seconds and fraction left out). Nil where it is anything else, or has no zone.
    package init?(iso8601 text: some Sequence<UInt8>) {
        var scanner = DigitScanner(Array(text))
        guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
            let day = scanner.digits(2), scanner.take("T") || scanner.take("t") || scanner.take(" "), let hour = scanner.digits(2),
            scanner.take(":"), let minute = scanner.digits(2)
        else { return nil }
        var second = 0, microsecond = 0
        if scanner.take(":") {
            guard let s = scanner.digits(2) else { return nil }
            second = s
            if scanner.take(".") {
                guard let fraction = scanner.fraction() else { return nil }
                microsecond = fraction
            }
        }
        guard let offset = scanner.zoneOffset_s(), scanner.atEnd,
            let local = Timestamp(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second, microsecond: microsecond)
        else { return nil }
        self.init(microseconds: local.microseconds - Int64(offset) * 1_000_000)
    }

    package init?(iso8601 text: String) { self.init(iso8601: text.utf8) }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC, the fraction only where there is one: `2024-05-01T04:00:03.25Z`.
    package var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same, appended as ASCII.
    package func append(to out: inout [UInt8]) {
        let (seconds, micro) = microseconds.flooredDivision(by: 1_000_000)
        let (day, secondOfDay) = seconds.flooredDivision(by: 86_400)
        let date = Self.civil(daysSinceEpoch: Int(day))
        func digits(_ value: Int, _ count: Int) {
            var scale = 1
            for _ in 1..<count { scale *= 10 }
            // Years beyond 9999 have more digits.
            while value >= scale * 10 { scale *= 10 }
            while scale > 0 {
                out.append(UInt8(48 + value / scale % 10))
                scale /= 10
            }
        }
        if date.year < 0 { out.append(UInt8(ascii: "-")) }
        digits(abs(date.year), 4)
        out.append(UInt8(ascii: "-"))
        digits(date.month, 2)
        out.append(UInt8(ascii: "-"))
        digits(date.day, 2)
        out.append(UInt8(ascii: "T"))
        digits(Int(secondOfDay / 3600), 2)
        out.append(UInt8(ascii: ":"))
        digits(Int(secondOfDay / 60 % 60), 2)
        out.append(UInt8(ascii: ":"))
        digits(Int(secondOfDay % 60), 2)
        if micro != 0 {
            out.append(UInt8(ascii: "."))
            digits(Int(micro), 6)
            while out.last == UInt8(ascii: "0") { out.removeLast() }
        }
        out.append(UInt8(ascii: "Z"))
    }
}

extension Int64 {
    /// Quotient rounded down and a remainder that is never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (q, r) = quotientAndRemainder(dividingBy: divisor)
        return r < 0 ? (q - 1, r + divisor) : (q, r)
    }
}

/// Reads fixed runs of digits.
private struct DigitScanner {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { at == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard at + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[at..<at + count] {
            guard byte >= 48, byte <= 57 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        at += count
        return value
    }

    /// Digits after the point as microseconds; what is finer is cut off.
    mutating func fraction() -> Int? {
        var value = 0, scale = 100_000, any = false
        while at < bytes.count, bytes[at] >= 48, bytes[at] <= 57 {
            value += Int(bytes[at] - 48) * scale
            scale /= 10
            at += 1
            any = true
        }
        return any ? value : nil
    }

    mutating func zoneOffset_s() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours <= 18 else { return nil }
        _ = take(":")
        let minutes = atEnd ? 0 : digits(2)
        guard let minutes, minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
