/// What the log refused, in its own terms. PostgreSQL's errors pass through as `PostgresError`.
package struct LogError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A migration that ran here differs from the one in this binary.
        case migrationChanged = "migration_changed"
        /// A migration ran here that this binary does not have: the binary is older than the database.
        case migrationMissing = "migration_missing"
        /// This binary has a migration that never ran here although a later one did.
        case migrationOutOfOrder = "migration_out_of_order"
        /// The database has no log yet, or an older one.
        case notMigrated = "not_migrated"
        /// Another writer holds the lease on the source.
        case leaseHeld = "lease_held"
        /// The lease passed to another writer while this one was away; nothing was committed.
        case leaseLost = "lease_lost"
        /// No contract of this name and version in `Schemas/events`.
        case unknownEventType = "unknown_event_type"
        /// No source of this name is registered.
        case unknownSource = "unknown_source"
        /// A name that cannot be used.
        case badName = "bad_name"
        /// A partition of the log that is not there, or not in the state that is asked for.
        case badLeaf = "bad_leaf"
        /// The facts that were asked for lie in an archived partition.
        case archived
        /// A file of archived facts is missing, cut off or changed.
        case badArchive = "bad_archive"
        /// Somebody else has decided about the subject meanwhile; nothing was committed.
        case expectedPosition = "expected_position"
        /// A stored version of a type can be lifted to the newest one by no upcaster.
        case noUpcaster = "no_upcaster"
        /// A person was erased, or the keys were changed, since the run began; nothing was committed.
        case sealingChanged = "sealing_changed"
        /// libcrypto refused to work.
        /// A refused record was closed by somebody else while it was replayed.
        case replayConflict = "replay_conflict"
        case cryptography
    }

    package let code: Code
    /// Full sentences: what, where, and what to do.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
