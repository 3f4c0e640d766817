import PostgresClient

/// A fact as a fold sees it. Subject and payload are borrowed for the call.
package struct Fact {
    package let position: Int64
    package let sourceID: Int32
    package let typeID: Int32
    /// `<kind>/<the source's own key>`, UTF-8.
    package let subject: UnsafeRawBufferPointer
    package let occurredAt: Timestamp?
    package let recordedAt: Timestamp
    /// JSON.
    package let payload: UnsafeRawBufferPointer

    package init(
        position: Int64, sourceID: Int32, typeID: Int32, subject: UnsafeRawBufferPointer, occurredAt: Timestamp?, recordedAt: Timestamp,
        payload: UnsafeRawBufferPointer
    ) {
        self.position = position
        self.sourceID = sourceID
        self.typeID = typeID
        self.subject = subject
        self.occurredAt = occurredAt
        self.recordedAt = recordedAt
        self.payload = payload
    }

    /// When it counts: its own date, else when it was recorded. Microseconds since 1970.
    package var effective_us: Int64 { (occurredAt ?? recordedAt).microseconds }
}
