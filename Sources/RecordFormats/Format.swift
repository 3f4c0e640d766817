/// How the bytes of an input become records.
package enum Format: Sendable, Hashable {
    /// Rows of separated fields (RFC 4180 and its common dialects).
    case csv(CSVOptions)
    /// One JSON object on each line (ndjson.org, jsonlines.org).
    case ndjson
    /// The objects of a JSON array; `records` is the JSON pointer (RFC 6901) to it, `""` the root.
    /// Where it leads to an object, that object is the only record; with `/*` behind it each member of the object
    /// is a record and its name the column `$key` (`"/CityObjects/*"`).
    case json(records: String)
    /// The features of a GeoJSON FeatureCollection (RFC 7946).
    case geojson
    /// The RECORD messages of these streams in a Singer tap's output.
    case singer(streams: Set<String>)
    /// The components of an EPANET network (EPANET 2.2 user manual, appendix C: input file format).
    case inp
    /// The elements of one name or path in an XML document: `"incident"`, `"/feed/incident"`. `encoding`: nil for what the document says.
    case xml(record: String, encoding: String?)
    /// The rows of a sheet of a workbook (.xlsx).
    case xlsx(WorkbookOptions)
}

/// The dialect of a CSV input.
package struct CSVOptions: Sendable, Hashable {
    /// Where the column names come from.
    package enum Header: Sendable, Hashable {
        /// The first row names the columns.
        case firstRow
        /// The input has no header; these are its columns.
        case names([String])
        /// The input has no header; columns are called `column_1`, `column_2` …
        case none
    }

    /// Any encoding that iconv knows: `utf-8`, `gb18030`, `windows-1252`, `utf-16` …
    package var encoding: String
    /// The one ASCII character between fields.
    package var delimiter: String
    /// The one ASCII character around fields that hold delimiters or newlines, doubled inside; `""` for none.
    package var quote: String
    /// Where the column names come from.
    package var header: Header
    /// Whether spaces and tabs around unquoted fields and names are dropped, and allowed around quoted ones.
    package var trim: Bool
    /// How many lines before the header (titles, notes) are skipped.
    package var skippedLines: Int

    /// Creates a dialect; the defaults are RFC 4180 in UTF-8 with a header.
    package init(
        encoding: String = "utf-8", delimiter: String = ",", quote: String = "\"", header: Header = .firstRow,
        trim: Bool = false, skippedLines: Int = 0
    ) {
        self.encoding = encoding
        self.delimiter = delimiter
        self.quote = quote
        self.header = header
        self.trim = trim
        self.skippedLines = skippedLines
    }
}

/// The reader for a format.
///
/// CSV decodes its own encoding. The other formats read UTF-8; wrap the source in `TranscodedBytes` where it
/// delivers another encoding. Throws `configuration` where the options contradict themselves or name an
/// encoding that this system does not know.
package func makeReader(_ format: Format, _ source: any ByteSource) throws(FormatError) -> any RecordReader {
    switch format {
    case .csv(let options): try CSVReader(source, options)
    case .ndjson: NDJSONReader(source)
    case .json(let pointer): try JSONArrayReader(source, pointer: pointer)
    case .geojson: try JSONArrayReader(source, pointer: "/features", features: true)
    case .singer(let streams): SingerRecordReader(source, streams: streams)
    case .inp: NetworkReader(source)
    case .xml(let record, let encoding): try XMLReader(try XMLEncoding.utf8(source, declared: encoding), record: record)
    case .xlsx:
        throw FormatError(.configuration, "A workbook is read from a file, not from a stream of bytes.", advice: "Use an input of the kind file.")
    }
}
