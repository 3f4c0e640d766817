/// Five fields of cron: minute, hour, day of the month, month, day of the week (crontab(5)).
///
/// Lists (`1,15`), ranges (`1-5`), steps (`*/10`, `8-18/2`), names (`jan`, `mon`) and 7 for Sunday. Where both days are restricted, one of them
/// is enough, as in cron.
package struct CronExpression: Sendable, Hashable {
    /// As it was written.
    package let text: String
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let anyDay: Bool
    private let anyWeekday: Bool
    private let anyHour: Bool

    /// Why a text is none, as the end of a sentence.
    struct Mistake: Error, Equatable {
        let message: String
    }

    private struct Field {
        let title: String
        let range: ClosedRange<Int>
        var names: [String] = []
    }

    private static let fields = [
        Field(title: "minute", range: 0...59), Field(title: "hour", range: 0...23), Field(title: "day of the month", range: 1...31),
        Field(
            title: "month", range: 1...12,
            names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        Field(title: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    init(_ text: String) throws(Mistake) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { $0.lowercased() }
        guard words.count == 5 else {
            throw Mistake(message: "has \(words.count) fields in place of five: minute, hour, day of the month, month, day of the week")
        }
        var sets: [Set<Int>] = []
        for (word, field) in zip(words, Self.fields) { sets.append(try Self.values(word, field)) }
        self.text = text
        minutes = sets[0]
        hours = sets[1]
        days = sets[2]
        months = sets[3]
        weekdays = Set(sets[4].map { $0 % 7 })
        anyHour = sets[1].count == 24
        anyDay = words[2].hasPrefix("*")
        anyWeekday = words[4].hasPrefix("*")
        guard next(after: 0, in: Zone.utc) != nil else { throw Mistake(message: "names a day that no calendar has") }
    }

    private static func values(_ word: String, _ field: Field) throws(Mistake) -> Set<Int> {
        var values: Set<Int> = []
        for part in word.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            let step = halves.count == 2 ? Int(halves[1]) ?? 0 : 1
            guard halves.count <= 2, step > 0, let base = halves.first else { throw wrong(String(part), field) }
            let ends = base.split(separator: "-", omittingEmptySubsequences: false)
            var range = field.range
            if base != "*" {
                guard let low = ends.first.flatMap({ number($0, field) }), ends.count <= 2 else { throw wrong(String(part), field) }
                let high = ends.count == 2 ? number(ends[1], field) : halves.count == 2 ? field.range.upperBound : low
                guard let high, low <= high else { throw wrong(String(part), field) }
                range = low...high
            }
            values.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return values
    }

    private static func number(_ word: Substring, _ field: Field) -> Int? {
        let number = Int(word) ?? (word.isEmpty ? nil : field.names.firstIndex(of: String(word)))
        return number.flatMap { field.range.contains($0) ? $0 : nil }
    }

    private static func wrong(_ part: String, _ field: Field) -> Mistake {
        Mistake(message: "has a \(field.title) that cannot be read, \"\(part)\": \(field.range.lowerBound) to \(field.range.upperBound), lists, ranges, steps")
    }

    /// The first moment after `after` (seconds since 1970, UTC) that it names in the zone; nil where there is none within nine years.
    ///
    /// Where it names every hour, each full minute is asked what the clock shows: nothing is missed or doubled when the clocks change. Where it
    /// names some hours, a time that occurs twice counts the first time, and one that is skipped is read with the offset before the change: 02:30
    /// becomes 03:30.
    func next(after: Int64, in zone: Zone) -> Int64? {
        let today = Self.floorDay(after + Int64(zone.offset_s(utc_s: after)))
        // A day before: a clock that is put back may still be on it.
        for day in (today - 1)...(today + 9 * 366) where isDay(day) {
            let found = anyHour ? everyHour(day, after, zone) : someHours(day, after, zone)
            if let found { return found }
        }
        return nil
    }

    private func isDay(_ day: Int64) -> Bool {
        let parts = DateParts(utc: .init(microseconds: day * 86_400_000_000))
        guard months.contains(parts.month) else { return false }
        let isDate = days.contains(parts.day)
        let isWeekday = weekdays.contains(Int(((day + 4) % 7 + 7) % 7))
        if anyDay || anyWeekday { return isDate && isWeekday }
        return isDate || isWeekday
    }

    private func someHours(_ day: Int64, _ after: Int64, _ zone: Zone) -> Int64? {
        var first: Int64?
        for hour in hours {
            for minute in minutes {
                let local = day * 86_400 + Int64(hour * 3600 + minute * 60)
                let moment = local - Int64(zone.offset_s(local_s: local))
                if moment > after, first.map({ moment < $0 }) ?? true { first = moment }
            }
        }
        return first
    }

    private func everyHour(_ day: Int64, _ after: Int64, _ zone: Zone) -> Int64? {
        let start = day * 86_400 - Int64(zone.offset_s(local_s: day * 86_400))
        var moment = max(start, (after / 60 + 1) * 60)
        while true {
            let local = moment + Int64(zone.offset_s(utc_s: moment))
            if Self.floorDay(local) > day { return nil }
            if Self.floorDay(local) == day, minutes.contains(Int((local % 3600 + 3600) % 3600 / 60)) { return moment }
            moment += 60
        }
    }

    private static func floorDay(_ seconds: Int64) -> Int64 { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }
}
