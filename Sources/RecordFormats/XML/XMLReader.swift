/// Reads the elements of one path in an XML document, one at a time; the rest of the document is stepped over.
///
/// - A DOCTYPE ends the reading with an error: it declares entities, which may grow without bound or name files.
/// - A broken element refuses only itself: up to the next start of such an element, or to the end of what holds it.
/// - Where the document's structure breaks outside of its records, or it ends too early, the reading ends with an error: a list that was cut
///   off must not pass for a complete one.
final class XMLReader: RecordReader {
    private let window: ByteWindow
    private let path: XMLPath
    private let trims: Bool
    private var shapes = ShapeCache()
    private var open: [String] = []
    private var isBegun = false
    private var isEnded = false
    private var failure: FormatError?

    /// - Parameter trims: whether white space around text is left out.
    init(_ source: any ByteSource, record: String, trims: Bool = true) throws(FormatError) {
        path = try XMLPath(record)
        window = ByteWindow(source)
        self.trims = trims
    }

    var columns: [String]? { shapes.last?.names }

    func next() throws(FormatError) -> ReadOutcome? {
        guard !isEnded else { return nil }
        do throws(FormatError) {
            if let failure { throw failure }
            if !isBegun { try window.skip(utf8Mark) }
            while let token = try token() {
                if let outcome = try take(token) { return outcome }
            }
            guard isBegun else { throw fault("The input holds no XML document.") }
            guard open.isEmpty else { throw fault("The document ends before it is closed.") }
            isEnded = true
            return nil
        } catch {
            isEnded = true
            throw error
        }
    }

    /// The piece at the window's beginning; nil at the end of the input.
    private func token() throws(FormatError) -> XMLToken? {
        if window.count == 0, try !window.fill() { return nil }
        while true {
            let token = XMLScanner.next(window.bytes, from: 0)
            guard token.kind == .incomplete else { return token }
            guard window.count < Limits.recordBytes, try window.fill() else { throw fault("The document ends inside a tag, a comment or a CDATA section.") }
        }
    }

    private func take(_ token: XMLToken) throws(FormatError) -> ReadOutcome? {
        switch token.kind {
        case .start(let isEmpty):
            if open.isEmpty, isBegun { throw fault("Another element follows the end of the document.") }
            isBegun = true
            let name = String(decoding: window.bytes[token.name], as: UTF8.self)
            if path.leads(open, to: name) { return try element(name) }
            window.consume(token.end)
            guard !isEmpty else { return nil }
            guard open.count < Limits.depth else { throw fault("The document is nested too deeply.") }
            open.append(name)
        case .end:
            guard let last = open.last, window.bytes[token.name].elementsEqual(last.utf8) else { throw fault("An end tag does not match its start tag.") }
            open.removeLast()
            window.consume(token.end)
        case .text:
            if open.isEmpty, !window.bytes[..<token.end].allSatisfy(XMLScanner.isBlank) { throw fault("Text stands outside of the document's element.") }
            window.consume(token.end)
        case .characters:
            if open.isEmpty { throw fault("Text stands outside of the document's element.") }
            window.consume(token.end)
        case .skipped: window.consume(token.end)
        case .declaration:
            throw FormatError(
                .data, rule: Rule.syntax, "The document has a DOCTYPE, which is not read: what it declares may grow without bound.", line: window.line,
                advice: "Have the source leave it out.")
        case .broken:
            let name = String(decoding: window.bytes[token.name], as: UTF8.self)
            guard !name.isEmpty, path.leads(open, to: name) else { throw fault("No markup of XML begins here.") }
            return try refuse(name, window.line, Rule.syntax, "The element's start tag is not well-formed.")
        case .incomplete: throw fault("The document ends inside of markup.")
        }
        return nil
    }

    private func fault(_ what: String) -> FormatError {
        FormatError(.data, rule: Rule.syntax, what, line: window.line, advice: "Check that the export finished.")
    }

    // MARK: One element

    private enum Extent {
        case whole(Int)
        /// Its tags do not match, from here on.
        case broken
        case tooLong
        /// The document ends within it.
        case cut
    }

    /// Takes the record that begins at the window's beginning.
    private func element(_ name: String) throws(FormatError) -> ReadOutcome {
        let line = window.line
        switch try extent() {
        case .whole(let length):
            let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<length])
            let outcome = record(bytes, line: line)
            window.consume(length)
            return outcome
        case .broken: return try refuse(name, line, Rule.syntax, "A tag within the element does not match, or is no markup of XML.")
        case .tooLong: return try refuse(name, line, Rule.tooLong, "The element is longer than \(Limits.recordBytes >> 20) MiB.")
        case .cut:
            failure = fault("The document ends inside an element.")
            return try refuse(name, line, Rule.syntax, "The document ends inside this element.")
        }
    }

    private func record(_ bytes: UnsafeRawBufferPointer, line: Int) -> ReadOutcome {
        let raw = Array(bytes)
        do throws(XMLText.Fault) {
            let members = try XMLElement.members(bytes, trims: trims)
            return .record(Record(shape: shapes.shape(members.map(\.name)), values: members.map(\.value), line: line, raw: raw))
        } catch {
            return .refused(Refusal(line: line, raw: raw, rule: error.rule, message: error.message))
        }
    }

    /// Looks for the record's end, by its tags.
    private func extent() throws(FormatError) -> Extent {
        var names: [Range<Int>] = []
        var at = 0
        while true {
            guard at < Limits.recordBytes else { return .tooLong }
            guard at < window.count else {
                if try window.fill() { continue }
                return .cut
            }
            let token = XMLScanner.next(window.bytes, from: at)
            switch token.kind {
            case .start(let isEmpty):
                if !isEmpty { names.append(token.name) } else if names.isEmpty { return .whole(token.end) }
            case .end:
                guard let last = names.popLast(), window.bytes[last].elementsEqual(window.bytes[token.name]) else { return .broken }
                if names.isEmpty { return .whole(token.end) }
            case .text, .characters, .skipped: break
            case .declaration, .broken: return .broken
            case .incomplete:
                guard window.count < 2 * Limits.recordBytes else { return .tooLong }
                if try window.fill() { continue }
                return .cut
            }
            at = token.end
        }
    }

    /// Refuses the record at the window's beginning, up to the next start tag of its name or to the end tag of what it lies in.
    private func refuse(_ name: String, _ line: Int, _ rule: String, _ message: String) throws(FormatError) -> ReadOutcome {
        var kept: [UInt8] = []
        var length = 0
        func give(_ count: Int) {
            if kept.count < Limits.keptBytes { kept += window.bytes.prefix(min(count, Limits.keptBytes - kept.count)) }
            length += count
            window.consume(count)
        }
        give(1)
        let marks = [Array("<\(name)".utf8)] + (open.last.map { [Array("</\($0)".utf8)] } ?? [])
        while true {
            try window.fill(to: 4096)
            guard window.count > 0 else { break }
            guard let at = window.bytes.firstIndex(of: UInt8(ascii: "<")) else {
                give(window.count)
                continue
            }
            give(at)
            try window.fill(to: 4096)
            if marks.contains(where: { begins(with: $0) }) { break }
            give(1)
        }
        return .refused(Refusal(line: line, raw: kept, byteCount: length, rule: rule, message: message))
    }

    /// Whether the window begins with a tag of this name.
    private func begins(with mark: [UInt8]) -> Bool {
        guard window.count > mark.count, window.bytes.prefix(mark.count).elementsEqual(mark) else { return false }
        let next = window.bytes[mark.count]
        return XMLScanner.isBlank(next) || next == UInt8(ascii: ">") || next == UInt8(ascii: "/")
    }
}

/// Which elements are records: all of a name wherever they stand (`"incident"`), or those at a path from the root (`"/feed/incident"`).
/// A name without a prefix means elements with any prefix, `*` one of any name.
struct XMLPath {
    private let names: [String]
    private let isAbsolute: Bool

    init(_ text: String) throws(FormatError) {
        isAbsolute = text.contains("/")
        names = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(text.hasPrefix("/") ? 1 : 0).map(String.init)
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else {
            throw FormatError(
                .configuration, "The records of an XML input must be an element's name or a path of names.", advice: "Write for example \"incident\", or \"/feed/incident\".")
        }
    }

    /// Whether an element inside of these is a record.
    func leads(_ open: [String], to name: String) -> Bool {
        guard Self.matches(name, names[names.count - 1]) else { return false }
        guard isAbsolute else { return true }
        return open.count == names.count - 1 && zip(open, names).allSatisfy { Self.matches($0, $1) }
    }

    private static func matches(_ name: String, _ wanted: String) -> Bool {
        wanted == "*" || name == wanted || (!wanted.utf8.contains(UInt8(ascii: ":")) && name.utf8.count > wanted.utf8.count && name.hasSuffix(":" + wanted))
    }
}
