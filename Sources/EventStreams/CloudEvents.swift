import PostgresClient

/// Writes facts as CloudEvents 1.0 in the JSON format (CloudEvents specification, "JSON Event Format for CloudEvents"),
/// with the extensions `sequence`, `recordedtime`, `partitionkey` (documented extensions of the specification) and `causedby`.
package struct CloudEventWriter {
    /// Media types of the JSON format: one event, and an array of them.
    package static let mediaType = "application/cloudevents+json", batchMediaType = "application/cloudevents-batch+json"

    package init() {}

    /// Appends one event, without a line's end.
    package func append(_ fact: StreamedFact, to out: inout [UInt8]) {
        append(
            Attributes(
                id: fact.id, sourceURI: fact.sourceURI, source: fact.source, type: fact.type, version: fact.version, subject: fact.subject,
                position: fact.position, occurredAt: fact.occurredAt, recordedAt: fact.recordedAt, causedBy: fact.causedBy),
            payload: fact.payload, to: &out)
    }

    /// What an event says beside its data. Bytes are UTF-8.
    struct Attributes {
        let id, sourceURI, source, type: UnsafeRawBufferPointer
        let version: Int32
        let subject: UnsafeRawBufferPointer
        let position: Int64
        let occurredAt: Timestamp?
        let recordedAt: Timestamp
        let causedBy: Int64?
    }

    func append(_ event: Attributes, payload: UnsafeRawBufferPointer, to out: inout [UInt8]) {
        out.append(contentsOf: #"{"specversion":"1.0","id":"#.utf8)
        JSONText.append(event.id, to: &out)
        out.append(contentsOf: #","source":"#.utf8)
        JSONText.append(event.sourceURI, to: &out)
        out.append(contentsOf: #","type":"#.utf8)
        JSONText.append(event.type, to: &out)
        out.append(contentsOf: #","subject":"#.utf8)
        JSONText.append(event.subject, to: &out)
        if let moment = event.occurredAt { Self.append(moment, as: #","time":"#, to: &out) }
        out.append(contentsOf: #","datacontenttype":"application/json","dataschema":"urn:twinhub:schema:"#.utf8)
        out.append(contentsOf: event.type)
        out.append(contentsOf: ":v".utf8)
        Self.append(Int64(event.version), width: 0, to: &out)
        out.append(contentsOf: #"","sequence":""#.utf8)
        // Compared as text: all of the same length.
        Self.append(event.position, width: 20, to: &out)
        out.append(UInt8(ascii: "\""))
        Self.append(event.recordedAt, as: #","recordedtime":"#, to: &out)
        out.append(contentsOf: #","partitionkey":"#.utf8)
        JSONText.append(event.source, to: &out)
        out[out.count - 1] = UInt8(ascii: "/")
        let mark = out.count
        JSONText.append(event.subject, to: &out)
        out.remove(at: mark)
        if let cause = event.causedBy {
            // In the same epoch: the part before the hyphen is the id's.
            out.append(contentsOf: #","causedby":""#.utf8)
            out.append(contentsOf: event.id.prefix { $0 != UInt8(ascii: "-") })
            out.append(UInt8(ascii: "-"))
            Self.append(cause, width: 0, to: &out)
            out.append(UInt8(ascii: "\""))
        }
        out.append(contentsOf: #","data":"#.utf8)
        // Payloads hold no line ends but between tokens, where a blank says the same: an event is one line.
        let start = out.count
        out.append(contentsOf: payload)
        if payload.contains(10) || payload.contains(13) {
            for index in start..<out.count where out[index] == 10 || out[index] == 13 { out[index] = UInt8(ascii: " ") }
        }
        out.append(UInt8(ascii: "}"))
    }

    private static func append(_ number: Int64, width: Int, to out: inout [UInt8]) {
        let digits = String(number)
        for _ in digits.utf8.count..<max(width, digits.utf8.count) { out.append(UInt8(ascii: "0")) }
        out.append(contentsOf: digits.utf8)
    }

    /// RFC 3339 in UTC.
    private static func append(_ moment: Timestamp, as name: String, to out: inout [UInt8]) {
        out.append(contentsOf: name.utf8)
        out.append(UInt8(ascii: "\""))
        moment.append(to: &out)
        out.append(UInt8(ascii: "\""))
    }
}
