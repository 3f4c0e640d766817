import Foundation
import RecordFormats

/// How a source writes numbers that are more than digits: with a unit, with separators between the thousands, with a comma for the point.
struct NumberReading: Sendable, Hashable {
    /// A unit that the source writes behind a number, or before it.
    struct Unit: Sendable, Hashable {
        /// Empty: the number alone.
        let text: String
        /// What one of it is in the unit of the payload, a decimal number; nil where it is that unit.
        let factor: String?
    }

    /// Longest first, so that "m2" is not read as "m"; empty: numbers have no unit.
    var units: [Unit] = []
    /// Between groups of three digits; nil: numbers are not grouped.
    var thousands: Character?
    var decimalMark: Character = "."

    /// The number in JSON's grammar, digits kept; with a factor multiplied exactly.
    func digits(_ text: String) throws(Misfit) -> String {
        var number = Self.narrow(text.trimmed)
        var factor: String?
        if !units.isEmpty {
            guard let (rest, unit) = units.lazy.compactMap({ unit in Self.without(unit.text, number).map { ($0, unit) } }).first else { throw .unit }
            number = rest
            factor = unit.factor
        }
        guard let plain = ungrouped(number).flatMap(JSONNumber.normalised) else { throw .notThisType }
        guard let factor else { return plain }
        return try Self.product(plain, factor)
    }

    /// A text's full-width digits and marks (U+FF01 to U+FF5E) as the ASCII ones; many an office writes them.
    private static func narrow(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { scalar in
            guard (0xFF01...0xFF5E).contains(scalar.value), let narrow = Unicode.Scalar(scalar.value - 0xFEE0) else { return scalar }
            return narrow
        }))
    }

    /// What is left of the text without its unit; nil where the unit is not there, or nothing but it.
    private static func without(_ unit: String, _ text: String) -> String? {
        if unit.isEmpty { return text.unicodeScalars.last.map { $0.value < 0x80 && $0.properties.numericType != nil } == true ? text : nil }
        let unit = narrow(unit)
        if text.hasSuffix(unit) { return String(text.dropLast(unit.count)).trimmed.nonEmpty }
        if text.hasPrefix(unit) { return String(text.dropFirst(unit.count)).trimmed.nonEmpty }
        return nil
    }

    /// Without the separators, with a point; nil where a group has not three digits.
    private func ungrouped(_ text: String) -> String? {
        guard thousands != nil || decimalMark != "." else { return text }
        let parts = text.split(separator: decimalMark, maxSplits: 1, omittingEmptySubsequences: false)
        var whole = String(parts[0])
        if let thousands {
            var groups = whole.split(separator: thousands, omittingEmptySubsequences: false)
            if groups.count > 1 {
                let head = groups.removeFirst().drop { $0 == "-" || $0 == "+" }
                guard (1...3).contains(head.count), groups.allSatisfy({ $0.count == 3 }) else { return nil }
                whole.removeAll { $0 == thousands }
            }
        }
        guard whole.utf8.allSatisfy({ $0 &- 48 < 10 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") || (decimalMark == "." && ($0 | 0x20 == UInt8(ascii: "e"))) })
        else { return nil }
        return parts.count == 2 ? "\(whole).\(parts[1])" : whole
    }

    /// Exact, or a misfit: 38 digits are the most that a decimal number holds (Foundation's `Decimal`).
    private static func product(_ number: String, _ factor: String) throws(Misfit) -> String {
        guard var a = Decimal(string: number), var b = Decimal(string: factor) else { throw .notThisType }
        var product = Decimal()
        guard NSDecimalMultiply(&product, &a, &b, .plain) == .noError, number.utf8.count(where: { $0 &- 48 < 10 }) <= 38 else { throw .tooManyDigits }
        return "\(product)"
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
