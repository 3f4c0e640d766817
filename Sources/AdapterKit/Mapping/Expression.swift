import RecordFormats

/// How a member of a fact is made from the columns of a record. Compiled: columns are numbers of a `ColumnScope`.
indirect enum Expression: Sendable, Hashable {
    /// One column, converted.
    case column(ColumnExpression)
    /// What another expression gives, converted as a column is.
    case converted(Expression, ColumnExpression)
    /// The same value for every record.
    case constant(Value)
    /// Text with columns in it; missing where one of them is.
    case template([TemplatePart])
    /// Members that are missing are left out; missing itself where only constants would remain.
    case object([NamedExpression])
    /// Elements that are missing are left out; missing itself where none remains.
    case array([Expression])
    /// A GeoJSON point of two numbers; missing where one is missing, or both are 0 and the system is no local one.
    case point(longitude: Expression, latitude: Expression, ReferenceSystem?)
    /// The same from one expression that gives both numbers.
    case pair(Expression, latitudeFirst: Bool, ReferenceSystem?)
    /// The texts that are not missing, one after another; missing where none is there.
    case joined([Expression], separator: String)
    /// The first that is not missing.
    case first([Expression])

    enum TemplatePart: Sendable, Hashable {
        case literal(String)
        case column(slot: Int, name: String)
    }

    /// The columns that it reads, in its own order.
    var columnNames: [String] { columns.map(\.name) }

    /// The columns that it reads, each with whether it is sealed there.
    var columns: [(name: String, isSealed: Bool)] {
        switch self {
        case .column(let column): [(column.name, column.sealedAs != nil)]
        case .constant: []
        case .template(let parts): parts.compactMap { if case .column(_, let name) = $0 { (name, false) } else { nil } }
        case .object(let members): members.flatMap(\.expression.columns)
        case .array(let parts), .first(let parts), .joined(let parts, _): parts.flatMap(\.columns)
        case .point(let longitude, let latitude, _): longitude.columns + latitude.columns
        case .converted(let inner, _), .pair(let inner, _, _): inner.columns
        }
    }

    /// With the given columns sealed, where they stand for themselves as this member, or as members of an object in it.
    func sealing(_ sealed: Set<String>, as member: String) -> Expression {
        switch self {
        case .column(var column):
            guard sealed.contains(column.name) else { return self }
            column.sealedAs = member
            return .column(column)
        case .object(let members): return .object(members.map { $0.sealing(sealed, within: member + ".") })
        case .constant, .template, .array, .point, .first, .joined, .converted, .pair: return self
        }
    }

    /// Whether it says the same of every record.
    var isConstant: Bool {
        switch self {
        case .constant: true
        case .column: false
        case .template(let parts): parts.allSatisfy { if case .literal = $0 { true } else { false } }
        case .object(let members): members.allSatisfy(\.expression.isConstant)
        case .array(let elements), .first(let elements), .joined(let elements, _): elements.allSatisfy(\.isConstant)
        case .point(let longitude, let latitude, _): longitude.isConstant && latitude.isConstant
        case .converted(let inner, _), .pair(let inner, _, _): inner.isConstant
        }
    }
}

/// A member's name and how its value is made.
struct NamedExpression: Sendable, Hashable {
    let name: String
    let expression: Expression

    /// - Parameter path: what stands before the name in a nested object.
    func sealing(_ sealed: Set<String>, within path: String = "") -> NamedExpression {
        NamedExpression(name: name, expression: expression.sealing(sealed, as: path + name))
    }
}

/// One column and what is done with its value.
struct ColumnExpression: Sendable, Hashable {
    /// What to do with a value that the type or the map does not know.
    enum Otherwise: String, Sendable, Hashable, CaseIterable {
        /// The value stays as the source gave it.
        case keep
        /// The member is left out.
        case null
        /// The record is refused.
        case quarantine
        /// The run fails.
        case fail
    }

    var slot: Int
    var name: String
    var type: ValueType = .asGiven
    /// Replaces values; the keys are compared without white space around them. Null makes the member missing.
    var map: [String: Value]?
    /// Nil: a map keeps, a type does what the stream's contract says.
    var otherwise: Otherwise?
    /// Words that stand for "nothing", beside those of the stream.
    var nullWords: Set<String> = []
    /// Geometry types that count; others are missing.
    var only: Set<String> = []
    /// All pieces of a united record or group, not the first present one.
    var collect = false
    /// What is done with its text before the type reads it.
    var shaping: Shaping?
    /// Of a geometry, where the manifest names it.
    var system: ReferenceSystem?
    /// Which moment of a month, year or day it stands for.
    var period: Period?

    /// Whether it stands as the source gave it.
    var isBare: Bool {
        (type == .asGiven || type == .text) && map == nil && otherwise == nil && nullWords.isEmpty && only.isEmpty && !collect && shaping == nil
    }

    /// A date that names a month or a year is no moment; the manifest says which one is meant.
    enum Period: String, Sendable, Hashable, CaseIterable {
        case start, end
    }
    /// The member that the sealed value becomes; nil where the column is not sealed.
    var sealedAs: String?
}

/// What a column's value becomes.
enum ValueType: Sendable, Hashable {
    case asGiven
    case text
    /// Whole numbers of any length, digits kept.
    case integer
    /// Decimal numbers, digits kept: "1.10" stays 1.10.
    case decimal
    case boolean
    /// `yyyy-MM-dd`.
    case date(DatePattern, Zone?)
    /// RFC 3339 with the source's own offset.
    case datetime(DatePattern, Zone?)
    /// A year alone, as a number.
    case year
    /// A text that holds JSON.
    case json
    /// A GeoJSON geometry, as an object or as text.
    case geometry

    /// The word in messages.
    var title: String {
        switch self {
        case .asGiven: "value"
        case .text: "text"
        case .integer: "integer"
        case .decimal: "decimal number"
        case .boolean: "boolean"
        case .date(let pattern, _): "date of the form \"\(pattern.text)\""
        case .datetime(let pattern, _): "datetime of the form \"\(pattern.text)\""
        case .year: "year of four digits"
        case .json: "JSON value"
        case .geometry: "GeoJSON geometry"
        }
    }

    var article: String { self == .integer ? "an" : "a" }
}

/// The columns that a stream's mapping reads, numbered.
struct ColumnScope: Sendable, Hashable {
    private(set) var names: [String] = []
    private var slots: [String: Int] = [:]

    /// The number of a column.
    mutating func slot(_ name: String) -> Int {
        if let slot = slots[name] { return slot }
        slots[name] = names.count
        names.append(name)
        return names.count - 1
    }
}

/// When a fact holds, or a record belongs to a stream.
///
/// With several pieces in one record `present` and `equals` hold where one piece has it; `not`, `all` and `any` combine those answers.
indirect enum Condition: Sendable, Hashable {
    case present(slot: Int)
    case absent(slot: Int)
    /// All columns have one of their values, in one and the same piece.
    case equals([Column])
    case not(Condition)
    case all([Condition])
    case any([Condition])

    struct Column: Sendable, Hashable {
        let slot: Int
        /// As text, without white space around it.
        let values: Set<String>
        /// Whether a missing value counts (null among the values).
        let orMissing: Bool
    }

    /// The columns that it looks at.
    var slots: Set<Int> {
        switch self {
        case .present(let slot), .absent(let slot): [slot]
        case .equals(let columns): Set(columns.map(\.slot))
        case .not(let inner): inner.slots
        case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.slots) }
        }
    }
}

/// Why a record was refused: the rule's name and a sentence without any value.
struct Refused: Error, Sendable, Hashable {
    let rule: String
    let message: String
    /// Which piece of a united record is to blame, where one is.
    var piece: Int?
    /// Whether the run fails: the manifest takes no such record, not even into quarantine.
    var fails = false
}
