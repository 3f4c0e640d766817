/// What stands before the rows: marks, skipped lines, the header.
extension CSVReader {
    /// Skips what stands before the rows and reads the header.
    func start() throws(FormatError) {
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
            guard scanner.fieldCount <= scanner.spanLimit else {
                throw headerFault("The header row has more than \(scanner.spanLimit) names.")
            }
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
        throw FormatError(
            .data, rule: Rule.syntax, "The input has no header row.", line: window.line, advice: "Check that the export finished.")
    }

    private func headerFault(_ what: String) -> FormatError {
        FormatError(.data, rule: Rule.syntax, what, line: window.line, advice: "Check the declared encoding, delimiter and quote.")
    }

    func name(count: Int) -> RecordShape {
        let named = RecordShape(names: (1...max(1, count)).map { "column_\($0)" })
        shape = named
        scanner.spanLimit = 2 * count + 64
        return named
    }

    /// Looks whether the first rows agree that the header lacks the name of a first column.
    func nameIndexColumn(after next: Int) throws(FormatError) {
        mayLackIndexName = false
        guard let names = shape?.names, scanner.fieldCount == names.count + 1 else { return }
        try window.fill(to: next + (64 << 10))
        let probe = CSVScanner(delimiter: scanner.delimiter, quote: scanner.quote, trim: scanner.trim)
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
