import RecordFormats

/// Where a record came from.
struct InputPlace: Sendable, Hashable {
    /// File or table, as quarantine and batches call it.
    let name: String
    /// Number of the input among those of the pull.
    let index: Int
}

/// The records of one pull. Can be read twice: the first time to find the keys that repeat, the second time for the facts.
protocol RecordInput {
    /// What the pull reads, in one line.
    var title: String { get }
    /// SHA-256 of all that is read, where that is known beforehand.
    var digest: [UInt8]? { get }
    /// Whether the digest is there at once, and whether it is worth waiting for.
    var isDigestKnown: Bool { get }
    var isDigestNear: Bool { get }
    /// Whether each record has all columns, so that an absent one has vanished from the source.
    var hasFixedColumns: Bool { get }
    /// Whether values have kinds of their own (JSON), so that a changed kind means something.
    var hasKinds: Bool { get }

    /// Whether the columns are the source's own; those of a network file are the format's, and which of them come depends on what is in it.
    var hasOwnColumns: Bool { get }

    /// The columns, where they are known before the first record is read.
    var shape: RecordShape? { get }

    /// What the source said of the version that it delivered.
    var httpMark: StreamState.HTTPMark? { get }

    /// Whether a record's columns and bytes say everything about its values.
    var rawTellsAll: Bool { get }

    /// Whether rows that were taken as they are can be decoded by themselves.
    var decodesRows: Bool { get }

    /// What a row says that was taken as it is.
    /// - Parameter shape: its columns.
    func decode(_ raw: [UInt8], _ shape: RecordShape?, line: Int) throws -> ReadOutcome

    /// Reads from the start to the end. What `body` throws ends the reading and is thrown on.
    /// - Parameter isTaken: asked about rows before they are decoded, where the format can; where it holds `body` gets nil.
    func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws
}

extension RecordInput {
    var shape: RecordShape? { nil }
    var hasOwnColumns: Bool { true }
    var httpMark: StreamState.HTTPMark? { nil }
    var isDigestKnown: Bool { true }
    var isDigestNear: Bool { true }
    var decodesRows: Bool { false }

    func decode(_ raw: [UInt8], _ shape: RecordShape?, line: Int) throws -> ReadOutcome {
        throw AdapterError(.internal, "A row of this input cannot be decoded by itself.", file: title)
    }

    /// Reads everything.
    func forEach(_ body: (ReadOutcome, InputPlace) throws -> Void) throws {
        try forEach(unless: nil) { outcome, place in
            if let outcome { try body(outcome, place) }
        }
    }
}

extension FormatError {
    /// As an adapter's error, with the file's name.
    func inAdapter(file: String? = nil) -> AdapterError {
        let kind: AdapterError.Kind =
            switch kind {
            case .configuration: .configuration
            case .transient: .transient
            case .data: .data
            case .internal: .internal
            }
        return AdapterError(kind, what, file: self.file ?? file, line: line, column: column, hint: advice)
    }
}
