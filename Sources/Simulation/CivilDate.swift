/// Days and seconds of the Gregorian calendar as plain integers (days since 1970-01-01), after Howard Hinnant's
/// `civil_from_days`: no clock, no locale, no time zone table. All times here are Shanghai's (UTC+8, no summer time).
package enum CivilDate {
    /// The day up to which the simulator knows the world. Fixed: a run must not depend on when it is made.
    package static let today = day(2026, 6, 30)

    package static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func parts(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let z = day + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * mp + 2) / 5 + 1)
    }

    /// 2026-06-30, or with another separator; an empty separator gives 20260630.
    package static func text(_ day: Int, separator: String = "-") -> String {
        let p = parts(day)
        return padded(p.year, 4) + separator + padded(p.month, 2) + separator + padded(p.day, 2)
    }

    /// `seconds` since 1970-01-01 00:00 Shanghai time as 2026-06-30 08:15:00.
    package static func clock(_ seconds: Int, dateSeparator: String = "-", between: String = " ", seconds withSeconds: Bool = true)
        -> String
    {
        let day = floorDivide(seconds, 86_400)
        let rest = seconds - day * 86_400
        var text = text(day, separator: dateSeparator) + between + padded(rest / 3600, 2) + ":" + padded(rest / 60 % 60, 2)
        if withSeconds { text += ":" + padded(rest % 60, 2) }
        return text
    }

    /// The same moment with its offset: 2026-06-30T08:15:00+08:00.
    package static func iso(_ seconds: Int) -> String { clock(seconds, between: "T") + "+08:00" }

    /// Whole years from a birth day to `CivilDate.today`.
    package static func age(_ birth: Int) -> Int {
        let b = parts(birth)
        let t = parts(today)
        return t.year - b.year - ((t.month, t.day) < (b.month, b.day) ? 1 : 0)
    }

    static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }

    static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
    }
}

/// `value` thousandths (or another power of ten) as decimal text, exactly.
func decimalText(_ value: Int, digits: Int) -> String {
    guard digits > 0 else { return String(value) }
    let text = CivilDate.padded(abs(value), digits + 1)
    return (value < 0 ? "-" : "") + text.dropLast(digits) + "." + text.suffix(digits)
}
