import RecordFormats

/// What is done with a column's text before its type reads it. Most columns need nothing of it.
struct Shaping: Sendable, Hashable {
    /// The part of the text that counts.
    var match: ValuePattern?
    var split: Split?
    var number: NumberReading?
    /// Takes the place of a missing value.
    var fallback: Value?

    /// A text that holds several values.
    struct Split: Sendable, Hashable {
        /// Any of them separates.
        let separators: [String]
        /// Which part counts, from 0, or from the end (-1); nil: all of them, as a list.
        let at: Int?

        /// The parts without white space around them, empty ones included.
        func parts(_ text: String) -> [String] {
            var parts = [text]
            for separator in separators { parts = parts.flatMap { Self.split($0, separator) } }
            return parts.map(\.trimmed)
        }

        private static func split(_ text: String, _ separator: String) -> [String] {
            var parts: [String] = []
            var rest = Substring(text)
            while let range = rest.firstRange(of: separator) {
                parts.append(String(rest[..<range.lowerBound]))
                rest = rest[range.upperBound...]
            }
            return parts + [String(rest)]
        }
    }
}

extension Evaluation {
    /// A present value, shaped and converted; nil where it is to be left out.
    func converted(_ raw: Value, _ column: ColumnExpression) throws(Refused) -> Value? {
        guard let shaping = column.shaping else { return try single(raw, column) }
        guard let shaped = try matched(raw, column) else { return nil }
        guard let split = shaping.split else { return try single(shaped, column) }
        let parts: [Value]
        if case .array(let elements) = shaped {
            parts = elements
        } else {
            guard let text = RecordColumns.text(of: shaped) else { throw misfit(.notThisType, column, shaped) }
            parts = split.parts(text).map { .text($0) }
        }
        if let at = split.at {
            let index = at < 0 ? parts.count + at : at
            return try parts.indices.contains(index) && !parts[index].isEmpty ? single(parts[index], column) : nil
        }
        var values: [Value] = []
        for part in parts where !part.isEmpty {
            if let value = try single(part, column) { values.append(value) }
        }
        return values.isEmpty ? nil : .array(values)
    }

    /// What the column's pattern takes of the value; nil where it is to be left out.
    func matched(_ raw: Value, _ column: ColumnExpression) throws(Refused) -> Value? {
        guard let pattern = column.shaping?.match else { return raw }
        guard let text = RecordColumns.text(of: raw) else { throw misfit(.notThisType, column, raw) }
        if column.nullWords.contains(text) { return nil }
        let fault: Misfit
        switch pattern.first(in: text) {
        case .match(let found): return found.flatMap { $0.isBlank ? nil : .text($0) }
        case .noMatch: fault = .noMatch
        case .tooHard: fault = .tooHard
        }
        switch column.otherwise ?? types {
        case .keep: return raw
        case .null: return nil
        case .quarantine, .fail: throw misfit(fault, column, raw)
        }
    }

    func misfit(_ misfit: Misfit, _ column: ColumnExpression, _ raw: Value) -> Refused {
        Refused(rule: misfit.rule, message: misfit.message(column, raw), fails: (column.otherwise ?? types) == .fail)
    }
}

/// Why a value does not become what the manifest says.
enum Misfit: Error {
    case notThisType, noZone, unit, tooManyDigits, noMatch, tooHard

    /// The name under which it is quarantined.
    var rule: String {
        switch self {
        case .notThisType, .noZone, .tooManyDigits: "type"
        case .unit: "unit"
        case .noMatch, .tooHard: "match"
        }
    }

    func message(_ column: ColumnExpression, _ raw: Value) -> String {
        let what =
            switch self {
            case .notThisType: "is not \(column.type.article) \(column.type.title)"
            case .noZone: "names no zone, and the manifest declares none"
            case .unit: "has none of the declared units (\(column.shaping?.number?.units.map { $0.text.isEmpty ? "none" : "\"\($0.text)\"" }.joined(separator: ", ") ?? ""))"
            case .tooManyDigits: "has more digits than can be multiplied exactly"
            case .noMatch: "does not match \(column.shaping?.match?.text ?? "its pattern")"
            case .tooHard: "is too long, or too hard, for \(column.shaping?.match?.text ?? "its pattern")"
            }
        return "Column \"\(column.name)\" \(what): it has \(shape(of: raw))."
    }
}
