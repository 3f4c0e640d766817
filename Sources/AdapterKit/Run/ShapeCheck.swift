import RecordFormats

/// Under `unknown_columns: "quarantine"`: whether the manifest knows all columns of a record.
struct ShapeCheck {
    private let known: Set<String>?
    private let spread: RecordSpread?
    private var last: (shape: RecordShape, fault: String?)?

    init(_ stream: Stream) {
        spread = stream.spread
        guard stream.contract.unknownColumns == .quarantine else {
            known = nil
            return
        }
        // A path into an object knows the object.
        known = Set(stream.scope.names.map { String($0.prefix { $0 != "." }) } + stream.scope.names)
            .union(stream.personal.keys).union(stream.ignored)
    }

    /// What is wrong with the record's columns; looked at once a shape.
    mutating func fault(of record: Record) -> String? {
        guard let known else { return nil }
        if let last, last.shape === record.shape { return last.fault }
        let unknown = record.shape.names.filter { !known.contains($0) && spread?.takes($0) != true }.sorted()
        let fault = unknown.isEmpty ? nil : "The manifest does not know the column \"\(unknown.joined(separator: "\", \""))\"."
        last = (record.shape, fault)
        return fault
    }
}
