/// Which rows of a workbook are records.
package struct WorkbookOptions: Sendable, Hashable {
    /// Which of its sheets.
    package enum Sheet: Sendable, Hashable {
        /// 1 is the first one.
        case number(Int)
        case name(String)
    }

    package var sheet: Sheet
    /// Where the column names come from.
    package var header: CSVOptions.Header
    /// How many rows of the sheet before the header (titles, notes) are skipped.
    package var skippedRows: Int

    /// The first sheet, whose first row names the columns.
    package init(sheet: Sheet = .number(1), header: CSVOptions.Header = .firstRow, skippedRows: Int = 0) {
        self.sheet = sheet
        self.header = header
        self.skippedRows = skippedRows
    }
}

/// Reads the rows of a sheet of a workbook in Office Open XML (ECMA-376, part 1, section 18): an .xlsx file.
///
/// Numbers keep their digits. What a cell shows as a date is ISO 8601 text without a zone, worked out from the workbook's date system.
/// Formulas give the result that was stored with them, errors their name (`#N/A`). Rows without a value are skipped; a record's line is
/// the sheet's row, its raw bytes are the values as a JSON object. Shared strings are held in memory, rows are not.
package final class WorkbookReader: RecordReader {
    private let options: WorkbookOptions
    private let open: (String) throws(FormatError) -> any ByteSource
    private var rows: XMLReader?
    private var cells = WorkbookCells()
    private var shape: RecordShape?
    private var isEnded = false

    /// - Parameter open: the bytes of a part, such as `xl/workbook.xml`.
    package init(_ options: WorkbookOptions, open: @escaping (String) throws(FormatError) -> any ByteSource) {
        self.options = options
        self.open = open
        if case .names(let names) = options.header { shape = RecordShape(names: CSVDialect.unique(names)) }
    }

    package var columns: [String]? { shape?.names }

    package func next() throws(FormatError) -> ReadOutcome? {
        guard !isEnded else { return nil }
        do throws(FormatError) {
            if rows == nil { rows = try start() }
            while let outcome = try rows?.next() {
                guard case .record(let record) = outcome else { return outcome }
                if let outcome = try take(record) { return outcome }
            }
            if shape == nil, case .firstRow = options.header { throw Self.fault("The sheet has no header row.") }
            isEnded = true
            return nil
        } catch {
            isEnded = true
            throw error
        }
    }

    private func take(_ row: Record) throws(FormatError) -> ReadOutcome? {
        let number = row["@r"]?.string.flatMap { Int($0) } ?? row.line
        guard number > options.skippedRows else { return nil }
        let values: [Value]
        do throws(XMLText.Fault) {
            values = try cells.values(row)
        } catch {
            return .refused(Refusal(line: number, raw: row.raw, rule: error.rule, message: error.message, shape: shape))
        }
        guard let last = values.lastIndex(where: { !$0.isEmpty }) else { return nil }
        guard let shape else {
            let names = values[...last].map { $0.string ?? "" }
            if case .firstRow = options.header {
                self.shape = RecordShape(names: CSVDialect.unique(names))
                return nil
            }
            self.shape = RecordShape(names: (1...last + 1).map { "column_\($0)" })
            return try take(row)
        }
        let kept = values.prefix(shape.names.count) + Array(repeating: .null, count: max(0, shape.names.count - values.count))
        let raw = JSONWriter.encode(.object(zip(shape.names, kept).map { Member(name: $0, value: $1) }))
        guard last < shape.names.count else {
            return .refused(
                Refusal(
                    line: number, raw: row.raw, rule: Rule.ragged,
                    message: "The row has a value in column \(last + 1), and only \(shape.names.count) columns have names.", shape: shape))
        }
        return .record(Record(shape: shape, values: Array(kept), line: number, raw: raw))
    }

    // MARK: The parts of a workbook

    private func start() throws(FormatError) -> XMLReader {
        let folder = "xl/"
        var targets: [String: String] = [:]
        var strings: String?
        var styles: String?
        for relation in try elements("Relationship", in: folder + "_rels/workbook.xml.rels") {
            guard let id = relation["@Id"], let target = relation["@Target"] else { continue }
            let part = target.hasPrefix("/") ? String(target.dropFirst()) : folder + target
            targets[id] = part
            if relation["@Type"]?.hasSuffix("/sharedStrings") == true { strings = part }
            if relation["@Type"]?.hasSuffix("/styles") == true { styles = part }
        }
        guard let part = targets[try relation(ofSheetIn: folder + "workbook.xml")] else { throw Self.fault("The workbook does not say where its sheet is.") }
        cells.countsFrom1904 = ["1", "true"].contains(try elements("/workbook/workbookPr", in: folder + "workbook.xml").first?["@date1904"] ?? "0")
        if let styles {
            var formats: [Int: String] = [:]
            for format in try elements("/styleSheet/numFmts/numFmt", in: styles) {
                if let id = format["@numFmtId"].flatMap({ Int($0) }) { formats[id] = format["@formatCode"] }
            }
            cells.styles = try elements("/styleSheet/cellXfs/xf", in: styles).map { style in
                let id = style["@numFmtId"].flatMap { Int($0) } ?? 0
                return CellFormat(id: id, code: formats[id])
            }
        }
        if let strings { cells.strings = try sharedStrings(strings) }
        return try XMLReader(try XMLEncoding.utf8(try open(part), declared: nil), record: "/worksheet/sheetData/row", trims: false)
    }

    /// The id of the relation that leads to the chosen sheet.
    private func relation(ofSheetIn part: String) throws(FormatError) -> String {
        let sheets = try elements("/workbook/sheets/sheet", in: part)
        let sheet: [String: String]?
        switch options.sheet {
        case .number(let number): sheet = sheets.indices.contains(number - 1) ? sheets[number - 1] : nil
        case .name(let name): sheet = sheets.first { $0["@name"] == name }
        }
        guard let sheet else {
            // The names of sheets are the source's, but not its values.
            throw FormatError(
                .configuration, "The workbook has no such sheet.",
                advice: "It has \(sheets.count): \(sheets.compactMap { $0["@name"] }.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")).")
        }
        return sheet.first { $0.key.hasSuffix(":id") }?.value ?? ""
    }

    /// The attributes of all elements at a path, which are few.
    private func elements(_ path: String, in part: String) throws(FormatError) -> [[String: String]] {
        let reader = try XMLReader(try XMLEncoding.utf8(try open(part), declared: nil), record: path)
        var found: [[String: String]] = []
        while let outcome = try reader.next() {
            guard case .record(let record) = outcome else { throw Self.fault("A part of the workbook is broken.") }
            var texts: [String: String] = [:]
            for (name, value) in zip(record.shape.names, record.values) { texts[name] = value.string }
            found.append(texts)
        }
        return found
    }

    private func sharedStrings(_ part: String) throws(FormatError) -> [String] {
        let reader = try XMLReader(try XMLEncoding.utf8(try open(part), declared: nil), record: "/sst/si", trims: false)
        var strings: [String] = []
        var bytes = 0
        while let outcome = try reader.next() {
            guard case .record(let record) = outcome else { throw Self.fault("The workbook's shared strings are broken.") }
            let text = WorkbookCells.text(ofString: record)
            bytes += text.utf8.count + 16
            guard bytes <= Limits.workbookBytes else { throw Self.fault("The workbook's shared strings are larger than \(Limits.workbookBytes >> 20) MiB.") }
            strings.append(text)
        }
        return strings
    }

    private static func fault(_ what: String) -> FormatError {
        FormatError(.data, rule: Rule.syntax, what, advice: "Check that the export finished, or deliver CSV.")
    }
}
