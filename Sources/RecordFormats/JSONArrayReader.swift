/// Reads the elements of one array in a JSON document, one at a time; the rest of the document is stepped over.
///
/// A broken element refuses only that element. Where the document's structure breaks (it ends too early, or its
/// brackets do not match), what is left of the element is refused and the next step throws `data`: a snapshot
/// that was cut off must not pass for a complete one.
final class JSONArrayReader: RecordReader {
    private enum Container { case array, object }
    private enum State { case start, first, afterElement, single, ended }

    private let cursor: JSONCursor
    private let window: ByteWindow
    private let pointer: String
    private let path: [String]
    private let features: Bool
    private var shapes = ShapeCache()
    private var state = State.start
    private var open: [Container] = []
    private var failure: FormatError?

    init(_ source: any ByteSource, pointer: String, features: Bool = false) throws(FormatError) {
        guard pointer.isEmpty || pointer.hasPrefix("/") else {
            throw FormatError(
                .configuration, "The JSON pointer \"\(pointer)\" does not begin with a slash.",
                advice: "Write for example \"/result/items\", or \"\" for the root.")
        }
        self.window = ByteWindow(source)
        self.cursor = JSONCursor(window: window)
        self.pointer = pointer
        self.features = features
        // RFC 6901: ~1 stands for a slash, ~0 for a tilde, replaced in this order.
        self.path = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
            $0.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
        }
    }

    var columns: [String]? { shapes.last?.names }

    func next() throws(FormatError) -> ReadOutcome? {
        do throws(FormatError) {
            if let failure { throw failure }
            while true {
                switch state {
                case .ended: return nil
                case .start: try descend()
                case .single:
                    state = .ended
                    let outcome = try element()
                    if failure == nil { try finish() }
                    return outcome
                case .first, .afterElement:
                    if let outcome = try step() { return outcome }
                }
            }
        } catch {
            failure = nil
            state = .ended
            throw error
        }
    }

    /// Goes down to the array that the pointer names.
    private func descend() throws(FormatError) {
        try window.skip(utf8Mark)
        for token in path {
            switch try cursor.peek() {
            case UInt8(ascii: "{"): try enter(member: token)
            case UInt8(ascii: "["): try enter(element: token)
            default: throw missing()
            }
        }
        switch try cursor.peek() {
        case UInt8(ascii: "["):
            window.consume(1)
            open.append(.array)
            state = .first
        case UInt8(ascii: "{") where !features: state = .single
        case nil where path.isEmpty:
            throw cursor.fault("The input is empty.")
        default: throw missing()
        }
    }

    private func missing() -> FormatError {
        FormatError(
            .data, rule: Rule.syntax, "The document has no array or object at \"\(pointer)\".", line: window.line,
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

    /// One step inside the array; nil where it gave nothing to report.
    private func step() throws(FormatError) -> ReadOutcome? {
        guard let byte = try cursor.peek() else { throw cursor.fault("The document ends before its array is closed.") }
        if byte == UInt8(ascii: "]") {
            window.consume(1)
            open.removeLast()
            state = .ended
            try finish()
            return nil
        }
        if state == .afterElement {
            guard byte == UInt8(ascii: ",") else { return try refuseElement("A comma is missing before this element.") }
            window.consume(1)
            guard let next = try cursor.peek() else { throw cursor.fault("The document ends before its array is closed.") }
            if next == UInt8(ascii: "]") || next == UInt8(ascii: ",") {
                return .refused(Refusal(line: window.line, raw: [UInt8(ascii: ",")], rule: Rule.syntax, message: "An element is missing after this comma."))
            }
        }
        state = .afterElement
        return try element()
    }

    /// Consumes the element at hand.
    private func element() throws(FormatError) -> ReadOutcome {
        guard let length = try cursor.extent(), length > 0 else { return try refuseElement(nil) }
        let line = window.line
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<length])
        let outcome = features ? shapes.feature(of: bytes, line: line, raw: Array(bytes)) : shapes.outcome(of: bytes, line: line, raw: Array(bytes))
        window.consume(length)
        return outcome
    }

    /// Refuses the element at hand: with the message given, or as too long or cut off.
    private func refuseElement(_ message: String?) throws(FormatError) -> ReadOutcome {
        state = .afterElement
        let line = window.line
        let kept = Array(window.bytes.prefix(Limits.keptBytes))
        var (length, complete) = try cursor.skipValue()
        if length == 0 {
            // A stray closing bracket or comma: step over it.
            window.consume(1)
            (length, complete) = (1, true)
        }
        let raw = Array(kept.prefix(length))
        guard complete else {
            failure = cursor.fault("The document ends inside an element.")
            return .refused(
                Refusal(line: line, raw: raw, byteCount: length, rule: Rule.syntax, message: "The document ends inside this element."))
        }
        if let message { return .refused(Refusal(line: line, raw: raw, byteCount: length, rule: Rule.syntax, message: message)) }
        let long = length > Limits.recordBytes
        return .refused(
            Refusal(
                line: line, raw: raw, byteCount: length, rule: long ? Rule.tooLong : Rule.syntax,
                message: long ? "The element is longer than \(Limits.recordBytes >> 20) MiB." : "No JSON value begins here."))
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
