import RecordFormats

/// Holds a SCHEMA message against the manifest's stream: the key, and the columns that the mapping reads.
struct SchemaCheck {
    let schema: SingerSchema
    /// The tap's name of the stream.
    let name: String
    /// The tap.
    let title: String

    /// Throws before any record of the schema is taken.
    func check(_ stream: Stream, before: StreamState) throws(AdapterError) {
        let tops = { (column: String) -> String in
            schema.properties.contains(column) ? column : String(column.prefix { $0 != "." })
        }
        for column in stream.key where !schema.properties.contains(tops(column)) {
            let nearest = nearestWord(to: column, in: schema.properties.sorted()).map { " The nearest one is \"\($0)\"." } ?? ""
            throw fault(.configuration, stream, "the key column \"\(column)\" is no property of the tap's stream \"\(name)\".\(nearest)", "Correct \"key\".")
        }
        if stream.mode != .append, let left = schema.keyProperties.first(where: { !stream.key.contains($0) }) {
            throw fault(
                .configuration, stream,
                "the tap tells its records apart by \(schema.keyProperties.joined(separator: ", ")); the manifest's key leaves \"\(left)\" out, and would take different records for one.",
                "Add it to \"key\".")
        }
        let gone = stream.scope.names.filter {
            before.columns[$0] != nil && !stream.optional.contains($0) && !schema.properties.contains(tops($0))
        }
        guard gone.isEmpty else {
            throw fault(
                .data, stream,
                "the column \(gone.sorted().map { "\"\($0)\"" }.joined(separator: ", ")), which the mapping reads, was delivered before and is not in the tap's schema any more. Nothing was changed.",
                "Ask the source for it; where it may be absent, name it under \"optional\" of the stream, else take it out of the mapping.")
        }
    }

    private func fault(_ kind: AdapterError.Kind, _ stream: Stream, _ what: String, _ hint: String) -> AdapterError {
        AdapterError(kind, "Stream \"\(stream.name)\": " + what, file: title, hint: hint)
    }
}
