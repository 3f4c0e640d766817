/// The column names of records that look alike, shared between them so that a record is only its values.
package final class RecordShape: Sendable {
    /// The columns in order. Names are unique.
    package let names: [String]
    private let positions: [String: Int]

    /// Creates a shape. Where a name repeats, `index(of:)` answers its first position.
    package init(names: [String]) {
        self.names = names
        self.positions = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The position of a column, or nil where this shape has none of that name.
    package func index(of name: String) -> Int? { positions[name] }
}

/// One record of a source: a CSV row, a JSON object, a GeoJSON feature, a network component.
package struct Record: Sendable {
    /// The columns; shared with other records.
    package let shape: RecordShape
    /// One value for each name of `shape`, in its order.
    package var values: [Value]
    /// The 1-based line of the input on which the record begins.
    package let line: Int
    /// The record's bytes as delivered, in the source's encoding and without the line's end.
    package let raw: [UInt8]

    /// Creates a record; `values` must have one entry for each name of `shape`.
    package init(shape: RecordShape, values: [Value], line: Int, raw: [UInt8]) {
        self.shape = shape
        self.values = values
        self.line = line
        self.raw = raw
    }

    /// The value of a column. The literal column name wins; otherwise dots lead into objects
    /// (`address.street`), and column names that themselves contain dots are tried longest first.
    package subscript(name: String) -> Value? {
        if let position = shape.index(of: name) { return values[position] }
        guard name.utf8.contains(UInt8(ascii: ".")) else { return nil }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for count in stride(from: parts.count - 1, to: 0, by: -1) {
            guard let position = shape.index(of: parts[..<count].joined(separator: ".")) else { continue }
            if let found = values[position].descend(parts[count...]) { return found }
        }
        return nil
    }
}

extension Value {
    fileprivate func descend(_ path: ArraySlice<Substring>) -> Value? {
        guard !path.isEmpty else { return self }
        for count in stride(from: path.count, to: 0, by: -1) {
            let cut = path.startIndex + count
            guard let value = self[member: path[..<cut].joined(separator: ".")] else { continue }
            if let found = value.descend(path[cut...]) { return found }
        }
        return nil
    }
}

/// A piece of the input that is no record, with the place where it stands and the reason.
package struct Refusal: Sendable {
    /// The 1-based line of the input on which the piece begins.
    package let line: Int
    /// The piece's bytes as delivered; only the first `Limits.keptBytes` of a piece that is `too_long`.
    package let raw: [UInt8]
    /// The whole length of the piece in bytes; larger than `raw.count` only where `raw` was cut.
    package let byteCount: Int
    /// The rule that the piece broke: one of `Rule`'s names.
    package let rule: String
    /// A full sentence for the person who repairs the source. It never holds a value of the piece.
    package let message: String
    /// The columns that its input has in common, such as a CSV's header; nil where nobody knows which columns the piece holds.
    package var shape: RecordShape?

    /// Creates a refusal; `byteCount` is taken from `raw` unless given.
    package init(line: Int, raw: [UInt8], byteCount: Int? = nil, rule: String, message: String, shape: RecordShape? = nil) {
        self.shape = shape
        self.line = line
        self.raw = raw
        self.byteCount = byteCount ?? raw.count
        self.rule = rule
        self.message = message
    }
}

/// The names of the rules by which a piece of input is refused.
package enum Rule {
    /// Bytes that the declared encoding does not know.
    package static let undecodable = "undecodable"
    /// A row with more or fewer fields than its header.
    package static let ragged = "ragged"
    /// Text that does not follow its format's grammar.
    package static let syntax = "syntax"
    /// U+0000, which PostgreSQL's text cannot hold.
    package static let nullCharacter = "null_character"
    /// Half of a UTF-16 surrogate pair, which is no character.
    package static let loneSurrogate = "lone_surrogate"
    /// A member name, or a network component's id, that occurs twice.
    package static let duplicateKey = "duplicate_key"
    /// A record beyond `Limits.recordBytes`.
    package static let tooLong = "too_long"
    /// A network link that names a node which the network does not define.
    package static let unknownNode = "unknown_node"
}

/// The limits that keep memory flat whatever the input holds.
package enum Limits {
    /// The longest record that is read, in bytes (16 MiB).
    package static let recordBytes = 16 << 20
    /// What is kept of a refused piece that is too long, in bytes (64 KiB).
    package static let keptBytes = 64 << 10
    /// The deepest nesting of arrays and objects.
    package static let depth = 512
    /// The most text that the shared strings of a workbook may hold, in bytes (512 MiB).
    package static let workbookBytes = 512 << 20
    /// The largest EPANET network file, in bytes (256 MiB): a network is read as a whole.
    package static let networkBytes = 256 << 20
}

/// What one step of a reader gives.
package enum ReadOutcome: Sendable {
    /// A record that can be mapped.
    case record(Record)
    /// A piece that belongs into the quarantine; reading goes on after it.
    case refused(Refusal)
}

/// Whether the caller takes a row as it is: its columns where rows have them in common, its bytes as `Record.raw` would hold them, valid during the
/// call, and its 1-based line. What a row that names its own columns has `RowShapes` tells, without decoding its values.
package typealias RowQuestion = (_ shape: RecordShape?, _ raw: UnsafeRawBufferPointer, _ line: Int) -> Bool

/// What one step of a reader gives where the caller takes some rows as they are.
package enum ReadStep: Sendable {
    /// A row that the caller took; it was not decoded.
    case taken
    /// Anything else.
    case outcome(ReadOutcome)
}

/// Reads records one after another from a `ByteSource`, holding one record in memory at a time.
package protocol RecordReader {
    /// The next record or refusal; nil at the end of the input.
    ///
    /// Throws only where going on has no meaning: the source cannot be read, or the input as a whole is not
    /// in the declared format (no header, no array at the pointer). After an error the reader stays at its end.
    mutating func next() throws(FormatError) -> ReadOutcome?

    /// The same, but asks about each row before it is decoded. Not every reader asks, and none about every row.
    mutating func next(unless isTaken: RowQuestion) throws(FormatError) -> ReadStep?

    /// The columns known so far: a CSV's header after the first record, the shape of the last record for JSON.
    var columns: [String]? { get }
}

extension RecordReader {
    /// Never asks.
    package mutating func next(unless isTaken: RowQuestion) throws(FormatError) -> ReadStep? {
        try next().map { .outcome($0) }
    }
}
