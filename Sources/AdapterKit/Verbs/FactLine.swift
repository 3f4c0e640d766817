import EventLog
import RecordFormats

/// A fact as one line of JSON, members always in the same order: what `expected.ndjson` holds.
package enum FactLine {
    /// Without the line's end.
    package static func text(_ event: NewEvent) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", string: event.type)
        writer.member("version", .number(String(event.version)))
        writer.member("subject", string: event.subject)
        writer.member("occurred_at", event.occurredAt.map { .text($0.description) } ?? .null)
        writer.name("payload")
        writer.write(json: event.payload)
        writer.endObject()
        return writer.text
    }

    /// The members of a payload, each value as JSON, in their order; nil where it is no object.
    package static func members(of payload: [UInt8]) -> [(name: String, value: String)]? {
        guard case .object(let members)? = try? JSONParser.parse(String(decoding: payload, as: UTF8.self)) else { return nil }
        return members.map { ($0.name, json($0.value)) }
    }

    static func json(_ value: Value) -> String { String(decoding: JSONWriter.encode(value), as: UTF8.self) }
}
