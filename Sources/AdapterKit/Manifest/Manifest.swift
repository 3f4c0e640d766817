import RecordFormats

/// What an adapter's folder declares, checked and compiled. All keys are described in this module's README.
package struct Manifest: Sendable {
    /// The adapter's name: its folder's, its source's in `hub.source`.
    package let name: String
    package let version: String
    package let title: String?
    package let department: String
    /// URI that names the source in events.
    package let source: String
    package let owner: String?
    package let licence: String?
    /// Why the data may be used, and on what legal basis.
    package let purpose: String?
    package let streams: [Stream]
    /// When `twinhub up` runs it; nil where the adapter runs only when told.
    package let schedule: Schedule?
    /// The adapter's folder, absolute or relative to the working directory.
    package let folder: String
    /// Path of the manifest, for messages.
    package let file: String
}

extension Manifest {
    /// The streams that a tap feeds.
    func streams(of tap: Input.Tap) -> [Stream] {
        streams.filter { if case .singer(let own) = $0.input { own.cursor == tap.cursor } else { false } }
    }
}

/// One list of records that a source delivers.
package struct Stream: Sendable {
    /// What a pull delivers.
    package enum Mode: String, Sendable, CaseIterable {
        /// Rows that never change; a file is read once.
        case append
        /// Rows that are new or changed since a cursor.
        case incremental
        /// The full list each time.
        case snapshot
    }

    /// What happens where a key occurs twice in one pull.
    package enum Repeated: String, Sendable, CaseIterable {
        /// The records of one key form one.
        case collect
        /// The last one counts.
        case last
        /// The first one counts, the others are refused.
        case quarantine
        /// Each one counts, one after another: what comes later is newer.
        case update
    }

    package let name: String
    package let mode: Mode
    package let input: Input
    package let key: [String]
    package let repeated: Repeated
    package let group: Group?
    package let facts: [Fact]
    package let removed: Removed?
    package let cursor: Cursor?
    /// How a Singer tap is told of the stream; nil where its input is none.
    package let tap: Input.TapStream?
    package let contract: Contract
    /// What happens to personal columns, by name.
    package let personal: [String: PersonalRule]
    /// Which column says whose values the personal columns are; nil where none does.
    package let subjectOf: SubjectOf?
    /// Columns that are known and deliberately not used.
    package let ignored: Set<String>
    /// Columns that the mapping reads and that a whole pull may do without.
    package let optional: Set<String>

    /// How one record of the input becomes several; nil where each one is one.
    let spread: RecordSpread?

    /// Which records of the input belong to this stream.
    let condition: Condition?
    let nullWords: Set<String>
    let scope: ColumnScope
    let keySlots: [Int]
    /// Line of the stream in the manifest.
    let line: Int

    /// Whether refused rows may hold personal data and are therefore encrypted.
    package var hasPersonalColumns: Bool { !personal.isEmpty }
    /// Whether several records of the input may form one.
    var isUniting: Bool { group != nil || ((repeated == .collect || repeated == .last) && mode != .append) }
    /// Whether what it tells is about people by their pseudonyms: then erasures matter to it.
    var speaksOfPeople: Bool {
        subjectOf != nil || personal.values.contains { if case .pseudonym = $0 { true } else { false } }
    }
    /// Whether the hub remembers what was told.
    var keepsFingerprints: Bool { mode != .append }

    /// A kind of fact that a record yields.
    package struct Fact: Sendable {
        package let event: String
        package let version: Int
        let subject: Expression
        let occurredAt: Expression?
        let condition: Condition?
        let undone: Undone?
        /// The event that tells that a record of this kind vanished, where it differs from the stream's.
        let removed: String?
        let payload: [NamedExpression]
        let line: Int
    }

    /// What is told when a fact no longer holds.
    enum Undone: Sendable {
        /// `undone: "none"`: nothing, and the manifest says so.
        case nothing
        case event(String, occurredAt: Expression?, payload: [NamedExpression])
    }

    /// What is told when a record vanished from a full list.
    package struct Removed: Sendable {
        package let event: String
        /// Nil: the subject of the record's first fact.
        let subject: Expression?
        /// Beyond this share of the known records removals are held back; nil: beyond `defaultMaxRatio`.
        package let maxRatio: Double?
        static let defaultMaxRatio = 0.05
        /// So many may vanish where the manifest names no share: a short list cannot keep to one.
        static let alwaysAllowed = 10
        /// Mode incremental: how many seconds apart all keys of the table are read, to see which are gone; 0 for every pull.
        package let keyScan_s: Int?
    }

    /// By which column a record says whose it is: its pseudonym is the person's, in every source of the same domain.
    package struct SubjectOf: Sendable, Hashable {
        package let column: String
        package let domain: String
        let slot: Int
    }

    /// Readings that become one fact a window.
    package struct Group: Sendable {
        let slots: [Int]
        package let window_s: Int
        let time: Expression
    }

    /// How far an incremental stream has been read.
    package struct Cursor: Sendable {
        /// How two cursor values are compared.
        package enum Kind: Sendable {
            case integer
            /// Compared byte by byte.
            case text
            case datetime
        }
        package let column: String
        package let kind: Kind
        /// Gives the moment of a datetime cursor.
        let moment: Expression
        let slot: Int
        /// How far before the bookmark reading starts again: seconds, or units of an integer cursor.
        package let lag: Int
        /// The column that orders rows of one cursor value, of a table; its slot.
        package var tieBreaker: String?
        var tieSlot: Int?
    }

    /// How strictly the source is held to what it delivered before.
    package struct Contract: Sendable {
        /// What happens where a source's columns are not those that were known.
        package enum Drift: String, Sendable, CaseIterable {
            /// Whatever comes is taken, and told as drift.
            case keep
            /// What is known stays as it is: a new column is told as drift and never read; where one has gone, known records stay as told.
            case freeze
            /// The record is refused.
            case quarantine
            /// The run fails.
            case fail
        }
        /// For columns that the manifest does not know.
        package var unknownColumns: Drift = .keep
        /// For columns that the mapping reads, that were delivered before, and are gone.
        package var missingColumns: Drift = .fail
        /// For values that do not fit their type; left out where frozen.
        var types: ColumnExpression.Otherwise = .quarantine
        /// Beyond this share of refused records a run fails; nil: beyond `defaultMaxRefusedRatio`.
        package var maxRefusedRatio: Double?
        static let defaultMaxRefusedRatio = 0.5

        /// The share of refused records beyond which a pull of so many records fails; nil for a pull too small to tell.
        func refusedLimit(of records: Int) -> Double? {
            // The manifest's own share may be fine: a few records cannot keep to it. That most are refused shows early.
            if records >= 20 { return maxRefusedRatio ?? Self.defaultMaxRefusedRatio }
            return records >= 5 ? max(maxRefusedRatio ?? 0, Self.defaultMaxRefusedRatio) : nil
        }
    }
}

/// Where a stream's records come from.
package enum Input: Sendable {
    case files(Files)
    case postgres(Table)
    case http(HTTP)
    case command(Command)
    case piped(Piped)
    case singer(Tap)

    /// Files found by patterns.
    package struct Files: Sendable {
        /// glob(7) patterns, relative to the adapter's folder or absolute.
        package let patterns: [String]
        package let format: Format
        /// Encoding of formats other than CSV, where it is not UTF-8.
        let encoding: String?
        /// For how long a file must not have changed before it is read, in seconds; 0 asks only whether a program has it open for writing.
        package let settle_s: Int
        package let replaced: Replaced
        package let samples: Samples?

        /// What mode append does with a file that was read before and has been cut or replaced since.
        package enum Replaced: String, Sendable, CaseIterable {
            /// The run fails.
            case refuse
            /// It is a new file.
            case read
        }
    }

    /// A table or query of a PostgreSQL database.
    package struct Table: Sendable {
        /// Where the connection string stands.
        package let connection: Secret
        /// A query without its semicolon.
        package let query: String
        /// What it is called in batches and in quarantine.
        package let title: String
        /// For how long a connection is tried, in seconds.
        package let connectTimeout_s: Int
        /// For how long a statement may run, reading included, in seconds; nil: as long as it takes.
        package let statementTimeout_s: Int?
        package let samples: Samples?
    }

    /// What `test` and `preview` read in place of the source.
    package struct Samples: Sendable {
        package let patterns: [String]
        package let format: Format
        let encoding: String?
    }
}
