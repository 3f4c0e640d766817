import PostgresClient

/// A date and time of day as written, before anybody knows its zone.
struct DateParts: Equatable {
    var year = 1970
    var month = 1
    var day = 1
    var hour = 0
    var minute = 0
    var second = 0
    var microsecond = 0
    /// Seconds east of UTC where the text says so.
    var offset_s: Int?

    /// Microseconds since 1970-01-01 as if the parts were UTC; nil where a part is out of its range (31 February).
    var asUTC: Timestamp? {
        Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second, microsecond: microsecond)
    }

    /// `2024-05-01`, or what of it is known: `2024-05`, `2024` (ISO 8601, "reduced precision").
    func dateText(_ precision: DatePattern.Precision) -> String {
        String(unsafeUninitializedCapacity: 10) { buffer in
            var at = 0
            put(year, 4, into: buffer, &at)
            if precision == .year { return at }
            put("-", into: buffer, &at)
            put(month, 2, into: buffer, &at)
            if precision == .month { return at }
            put("-", into: buffer, &at)
            put(day, 2, into: buffer, &at)
            return at
        }
    }

    /// The last microsecond of the year, month or day that the parts name.
    func end(of precision: DatePattern.Precision) -> DateParts {
        var next = self
        switch precision {
        case .year: next.year += 1
        case .month: (next.year, next.month) = month == 12 ? (year + 1, 1) : (year, month + 1)
        case .day: break
        }
        guard let start = next.asUTC else { return self }
        var last = DateParts(utc: Timestamp(microseconds: start.microseconds + (precision == .day ? 86_400_000_000 : 0) - 1))
        last.offset_s = offset_s
        return last
    }

    /// RFC 3339 with the offset as it is: `2024-05-01T12:00:03.25+08:00`, or `Z` for 0.
    func text(offset_s: Int) -> String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            var at = 0
            put(year, 4, into: buffer, &at)
            put("-", into: buffer, &at)
            put(month, 2, into: buffer, &at)
            put("-", into: buffer, &at)
            put(day, 2, into: buffer, &at)
            put("T", into: buffer, &at)
            put(hour, 2, into: buffer, &at)
            put(":", into: buffer, &at)
            put(minute, 2, into: buffer, &at)
            put(":", into: buffer, &at)
            put(second, 2, into: buffer, &at)
            if microsecond > 0 {
                put(".", into: buffer, &at)
                put(microsecond, 6, into: buffer, &at)
                while buffer[at - 1] == UInt8(ascii: "0") { at -= 1 }
            }
            if offset_s == 0 {
                put("Z", into: buffer, &at)
            } else {
                put(offset_s < 0 ? "-" : "+", into: buffer, &at)
                put(abs(offset_s) / 3600, 2, into: buffer, &at)
                put(":", into: buffer, &at)
                put(abs(offset_s) / 60 % 60, 2, into: buffer, &at)
            }
            return at
        }
    }

    /// The parts of a moment in UTC.
    init(utc moment: Timestamp) {
        let seconds = moment.microseconds >= 0 ? moment.microseconds / 1_000_000 : (moment.microseconds - 999_999) / 1_000_000
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let date = Timestamp.civil(daysSinceEpoch: Int(days))
        let rest = Int(seconds - days * 86_400)
        (year, month, day) = (date.year, date.month, date.day)
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
        microsecond = Int(moment.microseconds - seconds * 1_000_000)
        offset_s = 0
    }

    init() {}
}

private func put(_ value: Int, _ digits: Int, into buffer: UnsafeMutableBufferPointer<UInt8>, _ at: inout Int) {
    var rest = value
    for place in stride(from: at + digits - 1, through: at, by: -1) {
        buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
    }
    at += digits
}

private func put(_ character: Unicode.Scalar, into buffer: UnsafeMutableBufferPointer<UInt8>, _ at: inout Int) {
    buffer[at] = UInt8(ascii: character)
    at += 1
}
