import PostgresClient

/// A fact to append.
package struct NewEvent: Sendable, Hashable {
    /// Such as `building.described`.
    package var type: String
    package var version: Int
    /// `<kind>/<the source's own key>`.
    package var subject: String
    /// When it happened, as the source says; nil where unknown, never filled from the clock.
    package var occurredAt: Timestamp?
    /// Position of the fact it was derived from.
    package var causedBy: Int64?
    /// JSON in UTF-8, without null characters and lone surrogates.
    package var payload: [UInt8]

    package init(
        type: String, version: Int = 1, subject: String, occurredAt: Timestamp? = nil, causedBy: Int64? = nil, payload: [UInt8]
    ) {
        self.type = type
        self.version = version
        self.subject = subject
        self.occurredAt = occurredAt
        self.causedBy = causedBy
        self.payload = payload
    }
}

/// What a source has told before, or just told: hashes of keys and contents.
package struct FingerprintBlock: Sendable, Hashable {
    package var stream: String
    /// 24 bytes an entry: 16 of the key's hash, 8 of the content's; a content of zeros deletes the entry.
    package var entries: [UInt8]
    /// For streams that tell removals: the subjects by which vanished records are told; the layout is the adapter's.
    package var subjects: [UInt8]?

    package init(stream: String, entries: [UInt8], subjects: [UInt8]? = nil) {
        self.stream = stream
        self.entries = entries
        self.subjects = subjects
    }
}

/// A record that was refused.
package struct QuarantinedRecord: Sendable, Hashable {
    package var stream: String
    /// File or table.
    package var input: String
    package var line: Int?
    package var rule: String
    /// What and where; never a value.
    package var message: String
    package var raw: [UInt8]
    /// Whether `raw` is encrypted.
    package var sealed: Bool
    /// Whose it is: a pseudonym, where the row said so.
    package var subject: String?

    /// Columns of its input, where the bytes do not name them.
    package var columns: [String]?

    package init(
        stream: String, input: String, line: Int?, rule: String, message: String, raw: [UInt8], sealed: Bool, subject: String? = nil, columns: [String]? = nil
    ) {
        self.stream = stream
        self.input = input
        self.line = line
        self.rule = rule
        self.message = message
        self.raw = raw
        self.sealed = sealed
        self.subject = subject
        self.columns = columns
    }
}

/// A key that the values of a batch are sealed under.
package struct NewSubjectKey: Sendable, Hashable {
    package var id: String
    /// Whose values: a pseudonym.
    package var subject: String
    package var wrapped: [UInt8]

    package init(id: String, subject: String, wrapped: [UInt8]) {
        (self.id, self.subject, self.wrapped) = (id, subject, wrapped)
    }
}

/// What became of a refused record that was replayed.
package struct ReplayedRecord: Sendable, Hashable {
    /// How it ended.
    package enum Outcome: Sendable, Hashable {
        /// Its facts are told by this batch, or were told already.
        case replayed
        /// Its source has delivered another since.
        case superseded
        /// Refused again, for this reason; it stays.
        case refused(rule: String, message: String)
    }

    /// `hub.quarantine.id`
    package let id: Int64
    package let outcome: Outcome

    package init(id: Int64, outcome: Outcome) {
        self.id = id
        self.outcome = outcome
    }
}

/// Counts of records (not of facts).
package struct BatchCounters: Sendable, Hashable {
    package var read = 0
    package var added = 0
    package var changed = 0
    package var unchanged = 0
    package var removed = 0
    package var refused = 0
    /// Vanished, but held back by the guard.
    package var heldBack = 0

    package init() {}

    package static func += (a: inout BatchCounters, b: BatchCounters) {
        a.read += b.read
        a.added += b.added
        a.changed += b.changed
        a.unchanged += b.unchanged
        a.removed += b.removed
        a.refused += b.refused
        a.heldBack += b.heldBack
    }
}

/// Everything that one transaction commits.
package struct Batch: Sendable {
    package var adapterVersion: String
    /// File, table or address that was read.
    package var input: String
    /// SHA-256 of the input, where it is a file.
    package var inputDigest: [UInt8]?
    package var events: [NewEvent] = []
    package var fingerprints: [FingerprintBlock] = []
    /// New cursors, as JSON, by stream.
    package var cursors: [String: String] = [:]
    package var quarantined: [QuarantinedRecord] = []
    package var counters = BatchCounters()
    package var subjectKeys: [NewSubjectKey] = []
    /// For batches with personal data: the state of keys and erasures that they were made under (`hub.sealing`).
    package var sealing: Int64?
    /// Refused records that this batch replays, with who does.
    package var replayed: [ReplayedRecord] = []
    package var replayedBy = ""
    /// Streams whose older fingerprint blocks this batch's block replaces.
    package var compacted: Set<String> = []

    package init(adapterVersion: String, input: String, inputDigest: [UInt8]? = nil) {
        self.adapterVersion = adapterVersion
        self.input = input
        self.inputDigest = inputDigest
    }

    /// Takes in what another batch of the same input holds: both are committed in one transaction, this one's facts first.
    package mutating func append(_ other: Batch) {
        events += other.events
        fingerprints += other.fingerprints
        cursors.merge(other.cursors) { $1 }
        quarantined += other.quarantined
        counters += other.counters
        subjectKeys += other.subjectKeys
        sealing = other.sealing ?? sealing
        compacted.formUnion(other.compacted)
    }
}

/// What the log says of a committed batch.
package struct CommittedBatch: Sendable, Hashable {
    package let id: Int64
    /// Nil where the batch brought no facts.
    package let firstPosition: Int64?
    package let lastPosition: Int64?
    package let events: Int
    /// The head of the source's chain now.
    package let digest: [UInt8]
}
