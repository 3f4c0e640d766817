/// Reads the rows of a CSV input.
///
/// - A row ends at LF, CR LF or a lone CR outside quotes; quoted fields may hold any of them.
/// - Empty lines are skipped (they hold nothing), a byte order mark too.
/// - A header name that repeats gets `_2`, `_3` …; an empty one becomes `column_N`.
/// - A header that is one name short of *all* of the first rows (at least two, up to twenty) is taken for one
///   with an unnamed first index column, as R writes it: that column is called `column_1`.
/// - Only the broken row is refused. Where a quote is not closed (at the end of the input, after
///   `Limits.recordBytes`, or text follows the closing quote), the line on which that row begins is refused and
///   reading goes on with the line after it.
/// - A quote inside an unquoted field is text.
/// - Encodings whose separators are not the ASCII bytes (UTF-16, ISO-2022 …), or whose multi-byte characters
///   may contain the chosen delimiter, are turned into UTF-8 first; `raw` is UTF-8 then.
final class CSVReader: RecordReader {
    private let window: ByteWindow
    private let options: CSVOptions
    private var scanner: CSVScanner
    private let decoder: TextDecoder
    private var shape: RecordShape?
    private var started = false
    private var ended = false
    private var mayLackIndexName = false

    init(_ source: any ByteSource, _ options: CSVOptions) throws(FormatError) {
        let dialect = try CSVDialect(options)
        self.options = options
        var decoder = try TextDecoder(encoding: options.encoding)
        var source = source
        if !dialect.canSplit(decoder) {
            source = try TranscodedBytes(source, encoding: options.encoding)
            decoder = try TextDecoder(encoding: "utf-8")
        }
        self.decoder = decoder
        self.window = ByteWindow(source)
        self.scanner = CSVScanner(delimiter: dialect.delimiter, quote: dialect.quote, trim: options.trim)
    }

    var columns: [String]? { shape?.names }

    func next() throws(FormatError) -> ReadOutcome? {
        guard !ended else { return nil }
        do throws(FormatError) {
            if !started { try start() }
            if let outcome = try nextRow() { return outcome }
            ended = true
            return nil
        } catch {
            ended = true
            throw error
        }
    }

    private func nextRow() throws(FormatError) -> ReadOutcome? {
        while true {
            guard let row = try scan() else { return nil }
            guard case .row(let end, let next) = row else { return .refused(try refusal(for: row)) }
            if scanner.isBlank {
                window.consume(next, lines: next > end ? 1 : 0)
                continue
            }
            if mayLackIndexName { try nameIndexColumn(after: next) }
            let outcome = outcome(of: row, end: end)
            window.consume(min(next, window.count), lines: scanner.innerLines + (next > end ? 1 : 0))
            return outcome
        }
    }

    /// Scans the next row, reading on until its end is seen; nil at the end of the input.
    private func scan() throws(FormatError) -> CSVScanner.Outcome? {
        while true {
            if window.count == 0, try !window.fill() { return nil }
            let outcome = scanner.scan(window.bytes, from: 0, atEnd: window.sourceEnded)
            guard case .needsMore = outcome else { return outcome }
            guard window.count < Limits.recordBytes else { return .needsMore }
            try window.fill()
        }
    }

    /// Refuses the line on which a broken row begins, and only that.
    private func refusal(for outcome: CSVScanner.Outcome) throws(FormatError) -> Refusal {
        switch outcome {
        case .unterminated(let field):
            return try window.refuseLine(
                rule: Rule.syntax, "The quote that opens field \(field) is not closed before the end of the input.")
        case .afterQuote(let field):
            return try window.refuseLine(
                rule: Rule.syntax, "Text follows the closing quote of field \(field), or a quote before it is not closed.")
        case .runaway:
            return try window.refuseLine(
                rule: Rule.syntax, "A quote that opens on this line is not closed: the row would have far more fields than its header.")
        case .needsMore, .row:
            return try window.refuseLine(
                rule: Rule.tooLong,
                "The row is longer than \(Limits.recordBytes >> 20) MiB; a quote that opens on this line is probably not closed.")
        }
    }

    private func outcome(of row: CSVScanner.Outcome, end: Int) -> ReadOutcome {
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<end])
        let line = window.line
        func refused(_ rule: String, _ message: String) -> ReadOutcome {
            .refused(Refusal(line: line, raw: Array(bytes), rule: rule, message: message))
        }
        guard scanner.fieldCount <= scanner.spanLimit else {
            return refused(Rule.ragged, "The row has \(scanner.fieldCount) fields, far more than can be meant.")
        }
        let shape = shape ?? name(count: scanner.fieldCount)
        guard scanner.fieldCount == shape.names.count else {
            return refused(Rule.ragged, "The row has \(scanner.fieldCount) fields; its header has \(shape.names.count).")
        }
        switch decode(bytes) {
        case .values(let values):
            return .record(Record(shape: shape, values: values, line: line, raw: Array(bytes)))
        case .undecodable(let offset):
            return refused(Rule.undecodable, "The row contains bytes that are not \(options.encoding), at byte \(offset + 1) of the row.")
        case .null(let offset):
            return refused(Rule.nullCharacter, "The row contains a null character, at byte \(offset + 1) of the row.")
        }
    }

    fileprivate enum Decoded {
        case values([Value])
        case undecodable(at: Int)
        case null(at: Int)
    }

    /// The texts of the row that was scanned last.
    fileprivate func decode(_ bytes: UnsafeRawBufferPointer) -> Decoded {
        let finding = UTF8Check.check(bytes)
        if case .null(let offset) = finding { return .null(at: offset) }
        if decoder.isUTF8 {
            if case .malformed(let offset) = finding { return .undecodable(at: offset) }
            return .values(values(bytes))
        }
        if finding == .ascii, decoder.isASCIICompatible { return .values(values(bytes)) }
        let step = decoder.decode(bytes)
        guard step.complete else { return .undecodable(at: step.consumed) }
        if case .null(let offset) = UTF8Check.check(step.text) { return .null(at: offset) }
        // The characters moved, the structure did not: the same scan finds the same fields in the UTF-8.
        let (innerLines, fields) = (scanner.innerLines, scanner.fieldCount)
        guard case .row = scanner.scan(step.text, from: 0, atEnd: true), scanner.innerLines == innerLines, scanner.fieldCount == fields
        else { return .undecodable(at: 0) }
        return .values(values(step.text))
    }

    private func values(_ bytes: UnsafeRawBufferPointer) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(scanner.spans.count)
        for span in scanner.spans {
            let field = UnsafeRawBufferPointer(rebasing: bytes[Int(span.start)..<Int(span.end)])
            values.append(.text(span.hasDoubledQuotes ? halved(field) : String(decoding: field, as: UTF8.self)))
        }
        return values
    }

    private func halved(_ field: UnsafeRawBufferPointer) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(field.count)
        var index = 0
        while index < field.count {
            result.append(field[index])
            index += field[index] == scanner.quote ? 2 : 1
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension CSVReader {
    /// Skips what stands before the rows and reads the header.
    private func start() throws(FormatError) {
        started = true
        if decoder.isUTF8 {
            try window.skip(utf8Mark)
        } else if try window.begins(with: utf8Mark) {
            throw FormatError(
                .configuration, "The input begins with the byte order mark of UTF-8 but is declared as \(options.encoding).",
                advice: "Declare the encoding utf-8.")
        } else {
            // U+FEFF in GB18030.
            try window.skip([0x84, 0x31, 0x95, 0x33])
        }
        for _ in 0..<options.skippedLines {
            if window.count == 0, try !window.fill() { break }
            _ = try window.refuseLine(rule: Rule.syntax, "")
        }
        switch options.header {
        case .none: break
        case .names(let names): shape = RecordShape(names: CSVDialect.unique(names))
        case .firstRow:
            shape = RecordShape(names: CSVDialect.unique(try header()))
            mayLackIndexName = true
        }
        if let shape { scanner.spanLimit = 2 * shape.names.count + 64 }
    }

    private func header() throws(FormatError) -> [String] {
        while let row = try scan() {
            guard case .row(let end, let next) = row else {
                throw headerFault("The header row is not closed: a quote that opens in it has no end.")
            }
            if scanner.isBlank {
                window.consume(next, lines: next > end ? 1 : 0)
                continue
            }
            guard scanner.fieldCount <= scanner.spanLimit else { throw headerFault("The header row has more than \(scanner.spanLimit) names.") }
            switch decode(UnsafeRawBufferPointer(rebasing: window.bytes[..<end])) {
            case .values(let values):
                window.consume(next, lines: scanner.innerLines + (next > end ? 1 : 0))
                return values.map { $0.string ?? "" }
            case .undecodable(let offset):
                throw headerFault("The header row contains bytes that are not \(options.encoding), at byte \(offset + 1).")
            case .null:
                throw headerFault("The header row contains null characters.")
            }
        }
        // An empty file is more often a failed export than an empty table, and a snapshot must not believe it.
        throw FormatError(.data, rule: Rule.syntax, "The input has no header row.", line: window.line, advice: "Check that the export finished.")
    }

    private func headerFault(_ what: String) -> FormatError {
        FormatError(.data, rule: Rule.syntax, what, line: window.line, advice: "Check the declared encoding, delimiter and quote.")
    }

    private func name(count: Int) -> RecordShape {
        let named = RecordShape(names: (1...max(1, count)).map { "column_\($0)" })
        shape = named
        scanner.spanLimit = 2 * count + 64
        return named
    }

    /// Looks whether the first rows agree that the header lacks the name of a first column.
    private func nameIndexColumn(after next: Int) throws(FormatError) {
        mayLackIndexName = false
        guard let names = shape?.names, scanner.fieldCount == names.count + 1 else { return }
        try window.fill(to: next + (64 << 10))
        var probe = scanner
        var followers = 0
        var position = min(next, window.count)
        while followers < 19, position < window.count {
            guard case .row(_, let after) = probe.scan(window.bytes, from: position, atEnd: window.sourceEnded) else { break }
            if !probe.isBlank {
                guard probe.fieldCount == names.count + 1 else { return }
                followers += 1
            }
            position = after
        }
        if followers > 0 { shape = RecordShape(names: CSVDialect.unique([""] + names)) }
    }
}

/// The checked bytes of a dialect.
struct CSVDialect {
    let delimiter: UInt8
    let quote: UInt8?

    init(_ options: CSVOptions) throws(FormatError) {
        func oneByte(_ text: String, _ name: String) throws(FormatError) -> UInt8 {
            guard let byte = text.utf8.first, text.utf8.count == 1, byte < 0x80, byte != 0, byte != 0x0A, byte != 0x0D else {
                throw FormatError(
                    .configuration, "The CSV \(name) must be one ASCII character other than a line's end.",
                    advice: "Use for example \",\", \";\", \"|\" or a tab.")
            }
            return byte
        }
        delimiter = try oneByte(options.delimiter, "delimiter")
        quote = options.quote.isEmpty ? nil : try oneByte(options.quote, "quote")
        guard delimiter != quote else {
            throw FormatError(.configuration, "The CSV delimiter and quote are the same character.", advice: "Change one of them.")
        }
        if case .names(let names) = options.header, names.isEmpty {
            throw FormatError(.configuration, "The list of CSV column names is empty.", advice: "Name the columns or use the header row.")
        }
    }

    /// Whether these separators can be found in the encoding's bytes without decoding them.
    func canSplit(_ decoder: TextDecoder) -> Bool {
        if decoder.isUTF8 || decoder.isSingleByte { return true }
        // Trail bytes of the multi-byte encodings in use begin at 0x30 (GB18030's digits) and at 0x40.
        func isNeverTrail(_ byte: UInt8) -> Bool { byte < 0x30 || 0x3A...0x3F ~= byte }
        return decoder.isASCIICompatible && isNeverTrail(delimiter) && (quote.map(isNeverTrail) ?? true)
    }

    /// Names without gaps and repetitions: an empty one becomes `column_N`, a repeated one gets `_2`, `_3` ….
    static func unique(_ names: [String]) -> [String] {
        let given = Set(names)
        var used: Set<String> = []
        return names.enumerated().map { position, name in
            let base = name.isEmpty ? "column_\(position + 1)" : name
            var candidate = base
            var number = 2
            while used.contains(candidate) || (candidate != name && given.contains(candidate)) {
                candidate = "\(base)_\(number)"
                number += 1
            }
            used.insert(candidate)
            return candidate
        }
    }
}
