/// A message of a Singer tap: one JSON object a line (Singer specification, SPEC.md; ACTIVATE_VERSION and BATCH are extensions of it
/// that taps of PipelineWise and Meltano send).
package enum SingerMessage: Sendable {
    /// What the records of a stream look like from here on.
    case schema(stream: String, SingerSchema)
    /// A record; its `raw` is the record's object alone, so that equal records have equal bytes.
    case record(stream: String, Record, version: Int64?)
    /// Where the tap may go on after everything before this message is kept: JSON text, digit for digit.
    case state(String)
    /// The stream's records of older versions are no more.
    case activateVersion(stream: String, Int64)
    /// Records in files beside the stream.
    case batch(stream: String)
    /// A line that is none of these, with the stream that it names as far as it could be read.
    case refused(stream: String?, Refusal)
}

/// What a SCHEMA message says of a stream, as far as it is checked: names.
package struct SingerSchema: Sendable, Hashable {
    /// Top-level properties.
    package let properties: Set<String>
    /// Properties that each record must have, null or not.
    package let required: [String]
    /// The tap's own key; empty where it has none.
    package let keyProperties: [String]

    /// Why a record does not fit, nil where it does: rule and message of its refusal, without values.
    package func fault(of record: Record) -> (rule: String, message: String)? {
        for name in keyProperties where record.shape.index(of: name) == nil {
            return ("missing_key", "The record has no \"\(name)\", which is a key property of its schema.")
        }
        for name in required where record.shape.index(of: name) == nil {
            return ("required", "The record has no \"\(name)\", which its schema requires.")
        }
        return nil
    }
}

/// Reads a Singer tap's messages. Holds one line in memory at a time.
package final class SingerReader {
    private let window: ByteWindow
    private var shapes = ShapeCache()
    private var isStarted = false

    /// - Parameter source: what the tap writes to standard output.
    package init(_ source: any ByteSource) { window = ByteWindow(source) }

    /// The next message; nil at the end. Throws what the source throws, and `data` where a SCHEMA is no schema of a stream.
    package func next() throws(FormatError) -> SingerMessage? {
        if !isStarted {
            isStarted = true
            try window.skip(utf8Mark)
        }
        while true {
            guard let found = try window.wholeLine() else {
                return window.count == 0 ? nil : .refused(stream: nil, try window.refuseLine(rule: Rule.tooLong, "The line is too long."))
            }
            let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<found.end])
            let lines = found.next > found.end ? 1 : 0
            defer { window.consume(found.next, lines: lines) }
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { continue }
            return try message(bytes)
        }
    }

    private func message(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> SingerMessage {
        var parts = Parts()
        do throws(FormatError) {
            var scanner = JSONScanner(bytes.bindMemory(to: UInt8.self))
            try parts.read(&scanner)
        } catch {
            return refused(bytes, error.rule ?? Rule.syntax, error.what, stream: parts.stream)
        }
        switch (parts.type, parts.stream) {
        case ("RECORD", let stream?):
            guard case .object(let members)? = parts.record, let span = parts.recordSpan else {
                return refused(bytes, Rule.syntax, "The RECORD's \"record\" is no JSON object.", stream: stream)
            }
            let raw = Array(bytes[span])
            let record = Record(shape: shapes.shape(of: members), values: members.map(\.value), line: window.line, raw: raw)
            return .record(stream: stream, record, version: parts.version)
        case ("SCHEMA", let stream?): return .schema(stream: stream, try schema(parts, of: stream))
        case ("STATE", _):
            guard let value = parts.value else { return refused(bytes, Rule.syntax, "The STATE has no \"value\".") }
            return .state(String(decoding: JSONWriter.encode(value), as: UTF8.self))
        case ("ACTIVATE_VERSION", let stream?):
            guard let version = parts.version else { return refused(bytes, Rule.syntax, "The ACTIVATE_VERSION has no \"version\".") }
            return .activateVersion(stream: stream, version)
        case ("BATCH", let stream?): return .batch(stream: stream)
        case (nil, _): return refused(bytes, Rule.syntax, "The line is JSON, but no Singer message: it has no \"type\".")
        case ("RECORD", nil), ("SCHEMA", nil), ("ACTIVATE_VERSION", nil), ("BATCH", nil):
            return refused(bytes, Rule.syntax, "The message has no \"stream\".")
        default: return refused(bytes, Rule.syntax, "The message is of a type that no version of Singer knows.")
        }
    }

    private func schema(_ parts: Parts, of stream: String) throws(FormatError) -> SingerSchema {
        func fault(_ what: String) -> FormatError {
            FormatError(.data, "The SCHEMA of the stream \"\(stream)\" \(what).", line: window.line, advice: "The tap has to be corrected.")
        }
        guard let schema = parts.schema, case .object(let properties)? = schema[member: "properties"] else { throw fault("has no \"properties\"") }
        let key = Self.names(parts.keyProperties ?? .null)
        guard let key else { throw fault("has \"key_properties\" that are no list of names") }
        return SingerSchema(
            properties: Set(properties.map(\.name)), required: Self.names(schema[member: "required"] ?? .null) ?? [], keyProperties: key)
    }

    private static func names(_ value: Value) -> [String]? {
        switch value {
        case .null: return []
        case .array(let elements):
            var names: [String] = []
            for element in elements {
                guard case .text(let name) = element else { return nil }
                names.append(name)
            }
            return names
        default: return nil
        }
    }

    private func refused(_ bytes: UnsafeRawBufferPointer, _ rule: String, _ message: String, stream: String? = nil) -> SingerMessage {
        .refused(stream: stream, Refusal(line: window.line, raw: Array(bytes), rule: rule, message: message))
    }
}

/// The members of a message that count.
private struct Parts {
    var type: String?
    var stream: String?
    var record: Value?
    var recordSpan: Range<Int>?
    var schema: Value?
    var keyProperties: Value?
    var value: Value?
    var version: Int64?

    mutating func read(_ scanner: inout JSONScanner) throws(FormatError) {
        scanner.skipSpace()
        guard scanner.take("{") else { throw scanner.fault("The line is no Singer message: a JSON object is expected") }
        scanner.skipSpace()
        if !scanner.take("}") {
            while true {
                scanner.skipSpace()
                let name = try scanner.memberName()
                scanner.skipSpace()
                let start = scanner.index
                let value = try scanner.value(depth: 1)
                switch name {
                case "type": type = value.string
                case "stream": if case .text(let text) = value { stream = text }
                case "record":
                    record = value
                    recordSpan = start..<scanner.index
                case "schema": schema = value
                case "key_properties": keyProperties = value
                case "value": self.value = value
                case "version": version = value.string.flatMap { Int64($0) }
                default: break
                }
                scanner.skipSpace()
                if scanner.take(",") { continue }
                guard scanner.take("}") else { throw scanner.fault("A comma or the object's end is expected here") }
                break
            }
        }
        scanner.skipSpace()
        guard scanner.atEnd else { throw scanner.fault("Something follows the message on its line") }
    }
}

extension JSONScanner {
    /// Passes over one byte where it stands here.
    fileprivate mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    /// A member's name and its colon.
    fileprivate mutating func memberName() throws(FormatError) -> String {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw fault("A member name in double quotes is expected here") }
        let name = try string()
        skipSpace()
        guard take(":") else { throw fault("A colon is expected after a member name") }
        return name
    }
}

/// The records of one stream of a tap's output, for samples: records before their schema, or that do not fit it, are refused.
final class SingerRecordReader: RecordReader {
    private let reader: SingerReader
    private let streams: Set<String>
    private var schemas: [String: SingerSchema] = [:]
    private var last: RecordShape?

    init(_ source: any ByteSource, streams: Set<String>) {
        reader = SingerReader(source)
        self.streams = streams
    }

    var columns: [String]? { last?.names }

    func next() throws(FormatError) -> ReadOutcome? {
        while let message = try reader.next() {
            switch message {
            case .schema(let stream, let schema): schemas[stream] = schema
            case .record(let stream, let record, _) where streams.contains(stream):
                last = record.shape
                guard let schema = schemas[stream] else {
                    return refused(record, Rule.syntax, "The record comes before the SCHEMA of its stream.")
                }
                if let fault = schema.fault(of: record) { return refused(record, fault.rule, fault.message) }
                return .record(record)
            case .refused(let stream, let refusal) where stream.map(streams.contains) ?? true: return .refused(refusal)
            case .record, .state, .activateVersion, .batch, .refused: break
            }
        }
        return nil
    }

    private func refused(_ record: Record, _ rule: String, _ message: String) -> ReadOutcome {
        .refused(Refusal(line: record.line, raw: record.raw, rule: rule, message: message, shape: record.shape))
    }
}
