import RecordFormats

/// Whether a record has the columns that the contract wants; looked at once a shape.
struct ShapeCheck {
    private let contract: Stream.Contract
    private let spread: RecordSpread?
    /// What the manifest knows: what is mapped, personal or ignored. A path into an object knows the object.
    private let known: Set<String>
    private let mapped: [String]
    /// Columns that a record must have: those that the mapping reads and that came before.
    private var required: [String] = []
    private var last: (shape: RecordShape, fault: Refused?)?
    private let isOff: Bool

    init(_ stream: Stream) {
        contract = stream.contract
        spread = stream.spread
        known = Set(stream.scope.names.map { String($0.prefix { $0 != "." }) } + stream.scope.names).union(stream.personal.keys).union(stream.ignored)
        mapped = stream.scope.names.filter { !$0.contains(".") && !stream.optional.contains($0) }
        isOff = [.keep, .freeze].contains(contract.unknownColumns) && contract.missingColumns != .quarantine
    }

    /// - Parameter columns: of the pulls before.
    mutating func learn(_ columns: [String: UInt8]) {
        guard contract.missingColumns == .quarantine else { return }
        required = mapped.filter { columns[$0] != nil }
        last = nil
    }

    /// What is wrong with the record's columns.
    mutating func fault(of record: Record) -> Refused? {
        if isOff { return nil }
        if let last, last.shape === record.shape { return last.fault }
        let fault = fault(of: record.shape)
        last = (record.shape, fault)
        return fault
    }

    private func fault(of shape: RecordShape) -> Refused? {
        func names(_ list: [String]) -> String { "\"\(list.sorted().joined(separator: "\", \""))\"" }
        if contract.unknownColumns == .quarantine || contract.unknownColumns == .fail {
            let unknown = shape.names.filter { !known.contains($0) && spread?.takes($0) != true }
            if !unknown.isEmpty {
                return Refused(
                    rule: "unknown_column", message: "The manifest does not know the column \(names(unknown)).", fails: contract.unknownColumns == .fail)
            }
        }
        let missing = required.filter { shape.index(of: $0) == nil }
        if missing.isEmpty { return nil }
        return Refused(rule: "missing_column", message: "The column \(names(missing)), which came before, is not there.")
    }
}
