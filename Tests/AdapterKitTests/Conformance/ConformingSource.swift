import AdapterKit
import Testing

/// One record of a source of the conformance suite.
struct SourceRecord: Hashable {
    var no: Int
    var note: String

    static func list(_ numbers: Range<Int>, note: String = "first") -> [SourceRecord] { numbers.map { SourceRecord(no: $0, note: note) } }
}

/// What a source delivers at a poll.
struct Delivery {
    var records: [SourceRecord]
    /// Columns beside `no`.
    var columns = ["note"]
    /// Place in `records` of the one that is broken, as a record of this kind of source can be.
    var broken: Int?

    init(_ records: [SourceRecord], columns: [String] = ["note"], broken: Int? = nil) {
        self.records = records
        self.columns = columns
        self.broken = broken
    }

    /// The value of a column; of one that came later it is the same in every record.
    func value(_ column: String, of record: SourceRecord) -> String { column == "note" ? record.note : "x" }
}

/// A real source of one kind, with the adapter that reads it. To put a new kind of input under the suite: conform to this, and add a case
/// to `ConformanceKind`.
///
/// The adapter has one stream, of records with a number `no` and a text `note`, each told once as `case.received case/<no>` with the payload
/// `note`; where a pull shows the full list, one that vanished is told as `case.withdrawn`. `ConformanceKind.manifest` writes it.
protocol ConformingSource: AnyObject {
    /// Holds adapter.json5.
    var folder: SourceFolder { get }
    /// Variables that the run needs, such as the source's address.
    var environment: [String: String] { get }
    /// From now on the source delivers this: in `snapshot` exactly this, in other modes this beside what it delivered before.
    func deliver(_ delivery: Delivery) throws
    /// Makes the source unreachable until `bringBack`, also for a run that is reading it.
    func takeDown() throws
    func bringBack() throws
    /// `line rule` of the quarantined record that was the broken one of a delivery.
    func refusal(ofRecord index: Int) -> String
    /// The errors of a run that finds the source down.
    var errorsWhenDown: Set<AdapterError.Kind> { get }
    /// For a kind that reads standard input: what a run gets in its place, opened anew for each. The caller closes it.
    func openStandardInput() throws -> Int32?
    /// From now on the source answers, but never to the end; false where this kind of source cannot hang.
    func hang() throws -> Bool
}

extension ConformingSource {
    var environment: [String: String] { [:] }
    var errorsWhenDown: Set<AdapterError.Kind> { [.transient, .configuration] }
    func openStandardInput() throws -> Int32? { nil }
    func hang() throws -> Bool { false }
}

/// Every kind of input that there is, in the modes that read it differently.
enum ConformanceKind: String, CaseIterable, CustomTestStringConvertible {
    case csv, csvAppended, csvCompressed, ndjson, json, geojson, xml, xlsx, postgres, postgresIncremental, http, httpPaged
    case command, commandAppended, stdin, singer, singerIncremental

    /// Those whose programs are here.
    static let present = allCases.filter { $0 != .xlsx || WorkbookSource.isAvailable }

    var testDescription: String { rawValue }

    /// Whether a pull shows the full list.
    var isSnapshot: Bool { ![.csvAppended, .postgresIncremental, .commandAppended, .singerIncremental].contains(self) }

    func makeSource() throws -> any ConformingSource {
        switch self {
        case .csv: try CSVSource(mode: "snapshot")
        case .csvAppended: try CSVSource(mode: "append")
        case .csvCompressed: try CSVSource(mode: "snapshot", program: "gzip")
        case .ndjson: try TextSource(.ndjson)
        case .json: try TextSource(.json)
        case .geojson: try TextSource(.geojson)
        case .xml: try TextSource(.xml)
        case .xlsx: try WorkbookSource()
        case .postgres: try PostgresSource(isIncremental: false)
        case .postgresIncremental: try PostgresSource(isIncremental: true)
        case .http: try HTTPSource(isPaged: false)
        case .httpPaged: try HTTPSource(isPaged: true)
        case .command: try CommandSource(isAppended: false)
        case .commandAppended: try CommandSource(isAppended: true)
        case .stdin: try PipeSource()
        case .singer: try TapSource(isIncremental: false)
        case .singerIncremental: try TapSource(isIncremental: true)
        }
    }

    /// An adapter's manifest around an input, in JSON5.
    /// - Parameter guarded: the rest of `removed`, from its comma on.
    static func manifest(input: String, mode: String, cursor: String? = nil, guarded: String = "") -> String {
        let key = mode == "append" ? "" : "key: ['no'],"
        let removed = mode == "snapshot" ? "removed: { event: 'case.withdrawn'\(guarded) }," : ""
        return """
            { adapter: "conforming", version: "1.0.0", department: "tests", source: "urn:test",
              input: \(input),
              streams: [{ name: "cases", mode: "\(mode)", \(key) \(removed) \(cursor.map { "cursor: \($0)," } ?? "")
                facts: [{ event: "case.received", subject: "case/{no}", payload: { note: "note" } }] }] }
            """
    }
}
