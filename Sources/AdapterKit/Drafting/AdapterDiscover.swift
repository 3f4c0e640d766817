import Foundation
import RecordFormats

/// What a source delivers, by a look at it: names and kinds of columns, never a value.
package enum AdapterDiscover {
    /// One column of a stream's input.
    package struct Column: Sendable, Hashable, Encodable {
        package let name: String
        /// integer, decimal, date, datetime, object or text; nothing where every value is missing.
        package let type: String
        /// The `format` of dates.
        package let format: String?
        /// How many of the records that were looked at have a value, and how many have none.
        package let present: Int
        package let missing: Int
        /// How many different values there are.
        package let distinct: Int
        /// What it seems to hold of a person, by its name or by the checksums of its values.
        package let personal: String?
    }

    /// The columns of one stream's input.
    package struct Found: Sendable, Hashable, Encodable {
        package let stream: String
        /// File, files or table.
        package let input: String
        /// How many records were looked at.
        package let records: Int
        package let columns: [Column]
    }

    private struct Enough: Error {}

    /// Looks at the first `most` records of each stream's source. Throws what opening and reading it throws.
    package static func run(
        _ manifest: Manifest, most: Int = 5000, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> [Found] {
        let inputs = RunInputs(manifest, InputContext(environment: environment))
        return try manifest.streams.map { stream in
            let input = try inputs.open(stream, after: StreamState()).input
            var records: [Record] = []
            do {
                try input.forEach { outcome, _ in
                    if case .record(let record) = outcome { records.append(record) }
                    if records.count >= most { throw Enough() }
                }
            } catch is Enough {}
            var seen: Set<String> = []
            let names = records.flatMap(\.shape.names).filter { seen.insert($0).inserted }
            var values = PersonalValues()
            for record in records { values.note(record) }
            let suspects = Dictionary(values.suspects.map { ($0.column, $0.family) }, uniquingKeysWith: { a, _ in a })
            let columns = names.map { column(ColumnProfile($0, in: records, personal: suspects[$0])) }
            return Found(stream: stream.name, input: input.title, records: records.count, columns: columns)
        }
    }

    private static func column(_ profile: ColumnProfile) -> Column {
        let type =
            profile.isNested ? "object" : profile.present == 0 ? "" : profile.timeFormat != nil ? (profile.hasClock ? "datetime" : "date")
            : profile.isInteger ? "integer" : profile.isNumber ? "decimal" : "text"
        return Column(
            name: profile.name, type: type, format: profile.timeFormat, present: profile.present, missing: profile.missing, distinct: profile.distinct,
            personal: profile.personal ?? PersonalNames.family(of: profile.name))
    }
}
