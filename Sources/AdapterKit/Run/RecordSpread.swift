import Foundation
import RecordFormats

/// How one record of the input becomes several records of the stream, each with a key, facts and fingerprints of its own.
struct RecordSpread: Sendable {
    enum Form: Sendable, Hashable {
        /// One record for each element of the list at the path, level by level; the element takes the list's place.
        case elements([String])
        /// One record for each column that a pattern names: a wide table made long.
        case columns([String], except: Set<String>)
    }

    let form: Form

    /// Columns that the records have and the input has not: the number of the element, the column's name, its value.
    static let index = "$index", column = "$column", value = "$value"

    var madeColumns: Set<String> {
        switch form {
        case .elements: [Self.index]
        case .columns: [Self.column, Self.value]
        }
    }

    /// Whether the mapping sees this column of the input.
    func takes(_ column: String) -> Bool {
        switch form {
        case .elements(let paths): paths.contains { $0 == column || $0.hasPrefix(column + ".") }
        case .columns(let patterns, let except): !except.contains(column) && patterns.contains { Self.matches($0, column) }
        }
    }

    /// `*` stands for any characters, also none.
    static func matches(_ pattern: String, _ name: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard parts.count > 1, let head = parts.first, let tail = parts.last else { return pattern == name }
        guard name.hasPrefix(head), name.hasSuffix(tail), name.count >= head.count + tail.count else { return false }
        var rest = name.dropFirst(head.count).dropLast(tail.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}

/// Spreads the records of one pull; remembers what their shapes become.
final class RecordSpreader {
    private let form: RecordSpread.Form
    private let spread: RecordSpread
    /// Columns that a pattern may take; nil: all of them.
    var known: Set<String>?
    /// By level and shape; the shapes are held, so that their identity stays theirs.
    private var shapes: [Key: Made] = [:]

    private struct Key: Hashable {
        let level: Int
        let shape: ObjectIdentifier
    }

    private struct Made {
        let from: RecordShape
        let shape: RecordShape
        /// Elements: where the element goes. Columns: which ones become records.
        let places: [Int]
        /// Columns that stay.
        let kept: [Int]
    }

    init(_ spread: RecordSpread) {
        self.spread = spread
        form = spread.form
    }

    func records(of record: Record) -> [Record] {
        switch form {
        case .elements(let paths):
            var records = [record]
            for (level, path) in paths.enumerated() { records = records.flatMap { elements(of: $0, path, level) } }
            return records
        case .columns: return columns(of: record)
        }
    }

    /// The input's shape that records of this one came from; nil where they came from none.
    func source(of shape: RecordShape) -> RecordShape? {
        guard let made = shapes.values.first(where: { $0.shape === shape }) else { return nil }
        return source(of: made.from) ?? made.from
    }

    /// The names of the columns that become records.
    func spreadColumns(of shape: RecordShape) -> [String] { shape.names.filter(takes) }

    private func takes(_ column: String) -> Bool { spread.takes(column) && known?.contains(column) != false }

    private func elements(of record: Record, _ path: String, _ level: Int) -> [Record] {
        guard let elements = record[path].map(Self.elements), !elements.isEmpty else { return [] }
        let made = made(record.shape, level) { shape in
            var names = shape.names
            let place = names.firstIndex(of: path) ?? names.count
            if place == names.count { names.append(path) }
            let index = names.firstIndex(of: RecordSpread.index) ?? names.count
            if index == names.count { names.append(RecordSpread.index) }
            return Made(from: shape, shape: RecordShape(names: names), places: [place, index], kept: [])
        }
        return elements.enumerated().map { number, element in
            var values = record.values
            for (place, value) in zip(made.places, [element, .number(String(number))]) {
                if place < values.count { values[place] = value } else { values.append(value) }
            }
            return Record(shape: made.shape, values: values, line: record.line, raw: record.raw)
        }
    }

    /// A list's elements; a value alone is a list of one, as converters from XML leave it. A text may hold the list's JSON.
    private static func elements(_ value: Value) -> [Value] {
        switch value {
        case .array(let elements): elements.filter { $0 != .null }
        case .null: []
        case .text(let text):
            if text.isBlank {
                []
            } else if let parsed = try? JSONParser.parse(text), case .array(let elements) = parsed {
                elements.filter { $0 != .null }
            } else {
                [value]
            }
        case .bool, .number, .object: [value]
        }
    }

    private func columns(of record: Record) -> [Record] {
        let made = made(record.shape, 0) { shape in
            let places = shape.names.indices.filter { takes(shape.names[$0]) }
            let kept = shape.names.indices.filter { !spread.takes(shape.names[$0]) }
            return Made(
                from: shape, shape: RecordShape(names: kept.map { shape.names[$0] } + [RecordSpread.column, RecordSpread.value]), places: places, kept: kept)
        }
        let common = made.kept.map { record.values[$0] }
        return made.places.map { place in
            Record(shape: made.shape, values: common + [.text(record.shape.names[place]), record.values[place]], line: record.line, raw: record.raw)
        }
    }

    private func made(_ shape: RecordShape, _ level: Int, _ make: (RecordShape) -> Made) -> Made {
        let key = Key(level: level, shape: ObjectIdentifier(shape))
        if let made = shapes[key] { return made }
        let made = make(shape)
        if shapes.count >= 4096 { shapes.removeAll() }
        shapes[key] = made
        return made
    }
}
