import EventLog
import RecordFormats

/// A fact as one line of JSON, members always in the same order: what `expected.ndjson` holds and `preview` prints.
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
}
