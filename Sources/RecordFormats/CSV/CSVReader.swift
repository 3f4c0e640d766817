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
    let window: ByteWindow
    let options: CSVOptions
    let scanner: CSVScanner
    let decoder: TextDecoder
    var shape: RecordShape?
    private var started = false
    private var ended = false
    var mayLackIndexName = false

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
        guard case .outcome(let outcome)? = try step(nil) else { return nil }
        return outcome
    }

    func next(unless isTaken: RowQuestion) throws(FormatError) -> ReadStep? {
        try withoutActuallyEscaping(isTaken) { isTaken throws(FormatError) in try step(isTaken) }
    }

    private func step(_ isTaken: RowQuestion?) throws(FormatError) -> ReadStep? {
        guard !ended else { return nil }
        do throws(FormatError) {
            if !started {
                started = true
                try start()
            }
            if let step = try nextRow(isTaken) { return step }
            ended = true
            return nil
        } catch {
            ended = true
            throw error
        }
    }

    private func nextRow(_ isTaken: RowQuestion?) throws(FormatError) -> ReadStep? {
        while true {
            guard let row = try scan() else { return nil }
            guard case .row(let end, let next) = row else {
                var refusal = try refusal(for: row)
                refusal.shape = shape
                return .outcome(.refused(refusal))
            }
            if scanner.isBlank {
                window.consume(next, lines: next > end ? 1 : 0)
                continue
            }
            if mayLackIndexName { try nameIndexColumn(after: next) }
            let step: ReadStep
            if let isTaken, let shape, scanner.fieldCount == shape.names.count,
                isTaken(shape, UnsafeRawBufferPointer(rebasing: window.bytes[..<end]), window.line)
            {
                step = .taken
            } else {
                step = .outcome(outcome(end: end))
            }
            window.consume(min(next, window.count), lines: scanner.innerLines + (next > end ? 1 : 0))
            return step
        }
    }

    /// Scans the next row, reading on until its end is seen; nil at the end of the input.
    func scan() throws(FormatError) -> CSVScanner.Outcome? {
        while true {
            if window.count == 0, try !window.fill() { return nil }
            // Only so many bytes are looked at, however many are there: the outcome must not depend on the pieces
            // in which they arrived.
            let whole = window.count <= Limits.recordBytes
            let bytes = UnsafeRawBufferPointer(rebasing: window.bytes.prefix(Limits.recordBytes))
            let outcome = scanner.scan(bytes, from: 0, atEnd: window.sourceEnded && whole)
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

    private func outcome(end: Int) -> ReadOutcome {
        let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<end])
        let line = window.line
        func refused(_ rule: String, _ message: String) -> ReadOutcome {
            .refused(Refusal(line: line, raw: Array(bytes), rule: rule, message: message, shape: self.shape))
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

    enum Decoded {
        case values([Value])
        case undecodable(at: Int)
        case null(at: Int)
    }

    /// The texts of the row that was scanned last.
    func decode(_ bytes: UnsafeRawBufferPointer) -> Decoded {
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
        let spans = scanner.spans
        return [Value](unsafeUninitializedCapacity: spans.count) { values, count in
            for span in spans {
                let field = UnsafeRawBufferPointer(rebasing: bytes[Int(span.start)..<Int(span.end)])
                let text =
                    span.hasDoubledQuotes ? halved(field) : String(decoding: field.assumingMemoryBound(to: UInt8.self), as: UTF8.self)
                values.initializeElement(at: count, to: .text(text))
                count += 1
            }
        }
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
