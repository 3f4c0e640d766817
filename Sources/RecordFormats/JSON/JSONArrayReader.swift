/// Reads the elements of one array (or the members of one object) in a JSON document, one at a time; the rest
/// of the document is stepped over.
///
/// A broken element refuses only that element. Where the document's structure breaks (it ends too early, or its
/// brackets do not match), what is left of the element is refused and the next step throws `data`: a snapshot
/// that was cut off must not pass for a complete one.
final class JSONArrayReader: RecordReader {
    private enum Container { case array, object }
    private enum State { case start, first, afterElement, single, ended }

    private let cursor: JSONCursor
    private let window: ByteWindow
    private let pointer: JSONPointer
    private let features: Bool
    private var shapes = ShapeCache()
    private var state = State.start
    private var open: [Container] = []
    private var failure: FormatError?

    init(_ source: any ByteSource, pointer: String, features: Bool = false) throws(FormatError) {
        self.pointer = try JSONPointer(pointer)
        self.window = ByteWindow(source)
        self.cursor = JSONCursor(window: window)
        self.features = features
    }

    var columns: [String]? { shapes.last?.names }

    func next() throws(FormatError) -> ReadOutcome? {
        guard case .outcome(let outcome)? = try next(nil) else { return nil }
        return outcome
    }

    func next(unless isTaken: RowQuestion) throws(FormatError) -> ReadStep? {
        try withoutActuallyEscaping(isTaken) { isTaken throws(FormatError) in try next(features ? nil : isTaken) }
    }

    private func next(_ isTaken: RowQuestion?) throws(FormatError) -> ReadStep? {
        do throws(FormatError) {
            if let failure { throw failure }
            while true {
                switch state {
                case .ended: return nil
                case .start: try descend()
                case .single:
                    state = .ended
                    let step = try element(key: nil, isTaken)
                    if failure == nil { try finish() }
                    return step
                case .first, .afterElement:
                    if let step = try step(isTaken) { return step }
                }
            }
        } catch {
            failure = nil
            state = .ended
            throw error
        }
    }

    /// Goes down to the array or object that the pointer names.
    private func descend() throws(FormatError) {
        try window.skip(utf8Mark)
        for token in pointer.tokens {
            switch try cursor.peek() {
            case UInt8(ascii: "{"): try enter(member: token)
            case UInt8(ascii: "["): try enter(element: token)
            default: throw missing()
            }
        }
        let first = try cursor.peek()
        if first == UInt8(ascii: "[") || (first == UInt8(ascii: "{") && pointer.everyMember) {
            window.consume(1)
            open.append(first == UInt8(ascii: "[") ? .array : .object)
            state = .first
        } else if first == UInt8(ascii: "{"), !features {
            state = .single
        } else {
            throw first == nil ? cursor.fault("The document ends before its records begin.") : missing()
        }
    }

    private func missing() -> FormatError {
        FormatError(
            .data, rule: Rule.syntax, "The document has no array or object at \"\(pointer.text)\".", line: window.line,
            advice: features ? "A GeoJSON input must be a FeatureCollection." : "Check the JSON pointer of the records.")
    }

    private func enter(member name: String) throws(FormatError) {
        window.consume(1)
        open.append(.object)
        if try cursor.peek() == UInt8(ascii: "}") { throw missing() }
        while try cursor.name() != name {
            _ = try cursor.peek()
            guard try cursor.skipValue().complete else { throw cursor.fault("The document ends before it is closed.") }
            if try cursor.take(",") { continue }
            throw try cursor.peek() == UInt8(ascii: "}") ? missing() : cursor.fault("A comma or the object's end is expected.")
        }
    }

    private func enter(element token: String) throws(FormatError) {
        guard let position = Int(token), position >= 0 else { throw missing() }
        window.consume(1)
        open.append(.array)
        for _ in 0..<position {
            if try cursor.peek() == UInt8(ascii: "]") { throw missing() }
            guard try cursor.skipValue().complete, try cursor.take(",") else { throw missing() }
        }
        if try cursor.peek() == UInt8(ascii: "]") { throw missing() }
    }

    /// One step inside the container; nil where it gave nothing to report.
    private func step(_ isTaken: RowQuestion?) throws(FormatError) -> ReadStep? {
        let close = open.last == .object ? UInt8(ascii: "}") : UInt8(ascii: "]")
        guard let byte = try cursor.peek() else { throw cursor.fault("The document ends before its array is closed.") }
        if byte == close {
            window.consume(1)
            open.removeLast()
            state = .ended
            try finish()
            return nil
        }
        if state == .afterElement {
            guard byte == UInt8(ascii: ",") else { return .outcome(try refuseElement("A comma is missing before this element.")) }
            let line = window.line
            window.consume(1)
            guard let next = try cursor.peek() else { throw cursor.fault("The document ends before its array is closed.") }
            if next == close || next == UInt8(ascii: ",") {
                let refusal = Refusal(line: line, raw: [UInt8(ascii: ",")], rule: Rule.syntax, message: "An element is missing after this comma.")
                return .outcome(.refused(refusal))
            }
        }
        state = .afterElement
        guard open.last == .object else { return try element(key: nil, isTaken) }
        let key = try cursor.name()
        guard try cursor.peek() != nil else { throw cursor.fault("The document ends before its object is closed.") }
        return try element(key: key, isTaken)
    }

    /// Consumes the element at hand.
    private func element(key: String?, _ isTaken: RowQuestion?) throws(FormatError) -> ReadStep {
        guard let length = try cursor.extent(), length > 0 else { return .outcome(try refuseElement(nil)) }
        let line = window.line
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<length])
        defer { window.consume(length) }
        if let key {
            let raw = JSONWriter.encode(.text(key)) + [UInt8(ascii: ":")] + bytes
            return .outcome(features ? shapes.feature(of: bytes, line: line, raw: raw) : shapes.outcome(of: bytes, line: line, raw: raw, key: key))
        }
        if features { return .outcome(shapes.feature(of: bytes, line: line, raw: Array(bytes))) }
        return isTaken?(nil, bytes, line) == true ? .taken : .outcome(shapes.outcome(of: bytes, line: line))
    }

    /// Refuses the element at hand: with the message given, or as too long or cut off.
    private func refuseElement(_ message: String?) throws(FormatError) -> ReadOutcome {
        state = .afterElement
        let line = window.line
        let kept = Array(window.bytes.prefix(1))
        var skipped = try cursor.skipValue()
        if skipped.length == 0 {
            // A stray closing bracket or comma: step over it.
            window.consume(1)
            skipped = JSONCursor.Skipped(kept: kept, length: 1)
        }
        func refused(_ rule: String, _ message: String) -> ReadOutcome {
            .refused(Refusal(line: line, raw: skipped.kept, byteCount: skipped.length, rule: rule, message: message))
        }
        guard skipped.complete else {
            failure = cursor.fault("The document ends inside an element.")
            return refused(Rule.syntax, "The document ends inside this element.")
        }
        if let message { return refused(Rule.syntax, message) }
        if skipped.length > Limits.recordBytes {
            return refused(Rule.tooLong, "The element is longer than \(Limits.recordBytes >> 20) MiB.")
        }
        return refused(Rule.syntax, "No JSON value begins here.")
    }

    /// Steps over what follows the records, so that a document that was cut off is noticed.
    private func finish() throws(FormatError) {
        while let container = open.popLast() {
            let close: Character = container == .array ? "]" : "}"
            while try !cursor.take(close) {
                guard try cursor.take(",") else { throw cursor.fault("The document ends before it is closed.") }
                if container == .object { _ = try cursor.name() }
                _ = try cursor.peek()
                guard try cursor.skipValue().complete else { throw cursor.fault("The document ends before it is closed.") }
            }
        }
        guard try cursor.peek() == nil else { throw cursor.fault("Text follows the end of the document.") }
    }
}

/// A JSON pointer (RFC 6901), with `/*` at its end for every member of the object it leads to.
struct JSONPointer {
    /// The pointer as declared.
    let text: String
    /// The reference tokens, unescaped.
    let tokens: [String]
    /// Whether every member of the object is meant.
    let everyMember: Bool

    init(_ text: String) throws(FormatError) {
        guard text.isEmpty || text.hasPrefix("/") else {
            throw FormatError(
                .configuration, "The JSON pointer \"\(text)\" does not begin with a slash.",
                advice: "Write for example \"/result/items\", or \"\" for the root.")
        }
        self.text = text
        everyMember = text.hasSuffix("/*")
        // ~1 stands for a slash, ~0 for a tilde, replaced in this order.
        tokens = (everyMember ? text.dropLast(2) : text[...]).split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
        }
    }
}
