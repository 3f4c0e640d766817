import PostgresClient

/// Reads the digits of a date from left to right.
struct DateReading {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The parts of a text without white space around it; nil where it does not fit the pattern. Ranges are checked by `asUTC`.
    static func parts(of text: String, _ pattern: DatePattern) -> DateParts? {
        var text = text
        return text.withUTF8 { bytes in
            var reading = DateReading(bytes)
            switch pattern {
            case .iso8601: return reading.iso8601()
            case .epochSeconds: return reading.epoch(unit_us: 1_000_000)
            case .epochMilliseconds: return reading.epoch(unit_us: 1000)
            case .fields(let fields, _): return reading.fields(fields)
            }
        }
    }

    private var atEnd: Bool { at == bytes.count }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// As many digits as there are, at least `least` and at most `most`.
    private mutating func number(_ least: Int, _ most: Int) -> Int? {
        var value = 0
        var count = 0
        while count < most, at < bytes.count, bytes[at] &- 48 < 10 {
            value = value * 10 + Int(bytes[at] &- 48)
            at += 1
            count += 1
        }
        return count >= least ? value : nil
    }

    private mutating func iso8601() -> DateParts? {
        var parts = DateParts()
        guard let year = number(4, 4), take("-"), let month = number(2, 2), take("-"), let day = number(2, 2) else { return nil }
        (parts.year, parts.month, parts.day) = (year, month, day)
        if atEnd { return parts }
        guard take("T") || take("t") || take(" "), let hour = number(2, 2), take(":"), let minute = number(2, 2) else { return nil }
        (parts.hour, parts.minute) = (hour, minute)
        if take(":") {
            guard let second = number(2, 2) else { return nil }
            parts.second = second
            if take(".") || take(",") {
                guard let fraction = fraction(1, 30) else { return nil }
                parts.microsecond = fraction
            }
        }
        if atEnd { return parts }
        _ = take(" ")
        guard let offset = offset(), atEnd else { return nil }
        parts.offset_s = offset
        return parts
    }

    private mutating func epoch(unit_us: Int64) -> DateParts? {
        let negative = take("-")
        var whole: Int64 = 0
        var count = 0
        while at < bytes.count, bytes[at] &- 48 < 10 {
            guard count < 15 else { return nil }
            whole = whole * 10 + Int64(bytes[at] &- 48)
            at += 1
            count += 1
        }
        guard count > 0 else { return nil }
        var fraction = 0
        if take(".") {
            guard let digits = self.fraction(1, 12) else { return nil }
            fraction = digits
        }
        let (product, overflow) = whole.multipliedReportingOverflow(by: unit_us)
        guard atEnd, !overflow else { return nil }
        let microseconds = product + Int64(fraction) * unit_us / 1_000_000
        return DateParts(utc: Timestamp(microseconds: negative ? -microseconds : microseconds))
    }

    private mutating func fields(_ fields: [DatePattern.Field]) -> DateParts? {
        var parts = DateParts()
        var afternoon: Bool?
        for field in fields {
            switch field {
            case .year(let digits):
                guard let year = number(digits, digits) else { return nil }
                // POSIX: 69 … 99 are 19xx.
                parts.year = digits == 2 ? (year >= 69 ? 1900 : 2000) + year : year
            case .month(let digits):
                guard let month = number(digits, 2) else { return nil }
                parts.month = month
            case .monthName:
                guard let month = monthName() else { return nil }
                parts.month = month
            case .day(let digits):
                guard let day = number(digits, 2) else { return nil }
                parts.day = day
            case .hour24(let digits):
                guard let hour = number(digits, 2) else { return nil }
                parts.hour = hour
            case .hour12(let digits):
                guard let hour = number(digits, 2), (1...12).contains(hour) else { return nil }
                parts.hour = hour % 12
            case .minute(let digits):
                guard let minute = number(digits, 2) else { return nil }
                parts.minute = minute
            case .second(let digits):
                guard let second = number(digits, 2) else { return nil }
                parts.second = second
            case .fraction(let digits):
                guard let fraction = fraction(digits, digits) else { return nil }
                parts.microsecond = fraction
            case .halfDay:
                guard let half = halfDay() else { return nil }
                afternoon = half
            case .offset:
                guard let offset = offset() else { return nil }
                parts.offset_s = offset
            case .literal(let literal):
                for byte in literal {
                    guard at < bytes.count, bytes[at] == byte else { return nil }
                    at += 1
                }
            }
        }
        if afternoon == true, parts.hour < 12 { parts.hour += 12 }
        return atEnd ? parts : nil
    }

    /// Digits after the point as microseconds; what is finer is cut off.
    private mutating func fraction(_ least: Int, _ most: Int) -> Int? {
        var value = 0
        var scale = 100_000
        var count = 0
        while count < most, at < bytes.count, bytes[at] &- 48 < 10 {
            value += Int(bytes[at] &- 48) * scale
            scale /= 10
            at += 1
            count += 1
        }
        return count >= least ? value : nil
    }

    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(2, 2), hours <= 18 else { return nil }
        let colon = take(":")
        guard at < bytes.count, bytes[at] &- 48 < 10 else { return colon ? nil : sign * hours * 3600 }
        guard let minutes = number(2, 2), minutes < 60 else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    private mutating func monthName() -> Int? {
        guard at + 3 <= bytes.count else { return nil }
        let names: StaticString = "janfebmaraprmayjunjulaugsepoctnovdec"
        for month in 0..<12 {
            let name = names.utf8Start + month * 3
            if (0..<3).allSatisfy({ bytes[at + $0] | 0x20 == name[$0] }) {
                at += 3
                return month + 1
            }
        }
        return nil
    }

    /// True for the afternoon.
    private mutating func halfDay() -> Bool? {
        if at + 2 <= bytes.count, bytes[at + 1] | 0x20 == UInt8(ascii: "m") {
            let letter = bytes[at] | 0x20
            guard letter == UInt8(ascii: "a") || letter == UInt8(ascii: "p") else { return nil }
            at += 2
            return letter == UInt8(ascii: "p")
        }
        for (word, afternoon) in [("上午", false), ("下午", true)] {
            let utf8 = Array(word.utf8)
            if at + utf8.count <= bytes.count, (0..<utf8.count).allSatisfy({ bytes[at + $0] == utf8[$0] }) {
                at += utf8.count
                return afternoon
            }
        }
        return nil
    }
}
