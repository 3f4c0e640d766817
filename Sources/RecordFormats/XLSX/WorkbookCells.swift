/// What a number of a cell stands for, by the format in which it is shown.
struct CellFormat {
    let hasDate: Bool
    let hasTime: Bool

    /// - Parameters:
    ///   - id: of a format that is built in (ECMA-376, part 1, section 18.8.30), or the workbook's own.
    ///   - code: of the workbook's own, such as `yyyy\-mm\-dd hh:mm`.
    init(id: Int, code: String?) {
        if let code {
            let letters = Self.letters(code)
            hasTime = letters.contains("h") || letters.contains("s")
            hasDate = letters.contains("y") || letters.contains("d") || (letters.contains("m") && !hasTime)
        } else {
            hasDate = [14, 15, 16, 17, 22].contains(id) || (27...31).contains(id) || id == 36 || (50...54).contains(id) || (57...58).contains(id)
            hasTime = (18...22).contains(id) || (32...35).contains(id) || id == 45 || id == 47 || (55...56).contains(id)
        }
    }

    /// The letters of a code's first section that are neither quoted nor escaped; none where it counts hours beyond a day (`[h]:mm`).
    private static func letters(_ code: String) -> Set<Character> {
        var found: Set<Character> = []
        var isQuoted = false
        var bracket: String?
        var skips = false
        for character in code.lowercased() {
            if skips {
                skips = false
            } else if isQuoted {
                isQuoted = character != "\""
            } else if let inside = bracket {
                if character == "]" {
                    if !inside.isEmpty, inside.allSatisfy({ "hms".contains($0) }) { return [] }
                    bracket = nil
                } else {
                    bracket = inside + String(character)
                }
            } else {
                switch character {
                case "\"": isQuoted = true
                case "[": bracket = ""
                case "\\", "_", "*": skips = true
                case ";": return found
                default: found.insert(character)
                }
            }
        }
        return found
    }
}

/// Turns the cells of a row into values.
struct WorkbookCells {
    var strings: [String] = []
    var styles: [CellFormat] = []
    /// Whether day 0 is 1904-01-01; otherwise day 1 is 1900-01-01, with a 29th of February 1900 that never was (section 18.17.4.1).
    var countsFrom1904 = false

    /// The widest sheet that there can be.
    private static let mostColumns = 16_384

    /// The values of a row, each at its column's place.
    func values(_ row: Record) throws(XMLText.Fault) -> [Value] {
        let cells: [Value] =
            switch row["c"] {
            case .array(let list)?: list
            case let one?: [one]
            case nil: []
            }
        var values: [Value] = []
        for cell in cells {
            let place = try cell[member: "@r"]?.string.map { reference throws(XMLText.Fault) in try Self.column(reference) } ?? values.count
            while values.count <= place { values.append(.null) }
            values[place] = try value(cell)
        }
        return values
    }

    /// The text of a shared or inline string: whole, or in runs of different looks. Phonetic hints are left out.
    static func text(ofString record: Record) -> String { text(record["t"], record["r"]) }

    private static func text(_ whole: Value?, _ runs: Value?) -> String {
        switch runs {
        case .array(let list)?: return (plain(whole) ?? "") + list.map { plain($0[member: "t"]) ?? "" }.joined()
        case let one?: return (plain(whole) ?? "") + (plain(one[member: "t"]) ?? "")
        case nil: return plain(whole) ?? ""
        }
    }

    /// `<t xml:space="preserve">` is an object, for its attribute.
    private static func plain(_ value: Value?) -> String? { value?.string ?? value?[member: "#text"]?.string }

    private func value(_ cell: Value) throws(XMLText.Fault) -> Value {
        let stored = Self.plain(cell[member: "v"])
        switch cell[member: "@t"]?.string ?? "n" {
        case "s":
            guard let place = stored.flatMap({ Int($0) }), strings.indices.contains(place) else { throw Self.fault("A cell names a shared string that the workbook does not have.") }
            return .text(strings[place])
        case "inlineStr": return .text(Self.text(cell[member: "is"]?[member: "t"], cell[member: "is"]?[member: "r"]))
        case "b": return stored.map { .bool($0 == "1") } ?? .null
        case "n":
            guard let stored, !stored.isEmpty else { return .null }
            guard let number = JSONNumber.normalised(stored).map(Self.shortest) else { throw Self.fault("A cell is declared a number, and is none.") }
            guard let style = cell[member: "@s"]?.string.flatMap({ Int($0) }), styles.indices.contains(style) else { return .number(number) }
            return date(number, styles[style]).map { .text($0) } ?? .number(number)
        // Results of formulas, ISO dates, errors.
        default: return stored.map { .text($0) } ?? .null
        }
    }

    /// A cell holds a binary number of 64 bits, of which programs write 17 digits: 5.06 as 5.0599999999999996. The fewest digits that mean
    /// the same number are those that were typed.
    private static func shortest(_ number: String) -> String {
        guard number.utf8.count > 15, let value = Double(number), value.isFinite else { return number }
        return JSONNumber.normalised("\(value)") ?? number
    }

    /// `AB` of `AB12` → 27.
    private static func column(_ reference: String) throws(XMLText.Fault) -> Int {
        var number = 0
        for byte in reference.utf8 {
            guard (65...90).contains(byte) else { break }
            number = number * 26 + Int(byte) - 64
            guard number <= mostColumns else { throw fault("A cell stands beyond the last column that a sheet can have.") }
        }
        guard number > 0 else { throw fault("A cell has no place.") }
        return number - 1
    }

    private static func fault(_ message: String) -> XMLText.Fault { XMLText.Fault(rule: Rule.syntax, message: message) }

    /// A day's number and its part as ISO 8601, to the millisecond: as a date alone where neither format nor number has a time. Nil for a
    /// format that is no date's, and for numbers that no date has.
    func date(_ digits: String, _ format: CellFormat) -> String? {
        guard format.hasDate || format.hasTime, let serial = Double(digits), serial >= 0, serial < 2_958_466 else { return nil }
        let (day, milliseconds) = Int64((serial * 86_400_000).rounded()).quotientAndRemainder(dividingBy: 86_400_000)
        let clock = Self.clock(milliseconds)
        if !format.hasDate, day == 0 { return clock }
        let time = format.hasTime || milliseconds > 0 ? "T" + clock : ""
        if countsFrom1904 { return Self.calendar(day - 24_107) + time }
        // The day that never was stays what it is shown as: no date.
        if day == 60 { return "1900-02-29" + time }
        return Self.calendar(day - (day < 60 ? 25_568 : 25_569)) + time
    }

    private static func clock(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        let fraction = milliseconds % 1000
        let text = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return fraction == 0 ? text : text + "." + String(String(1000 + fraction).dropFirst())
    }

    /// The proleptic Gregorian date of a day since 1970-01-01, for years of four digits.
    private static func calendar(_ day: Int64) -> String {
        // Years begin in March, so that the leap day is the last one.
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
        let number = month < 10 ? month + 3 : month - 9
        return "\(year)-" + [number, dayOfMonth].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: "-")
    }
}
