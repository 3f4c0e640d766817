/// What a projector could not do. PostgreSQL's errors pass through as `PostgresError`.
package struct ProjectionError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another projector of the same name is running.
        case leaseHeld = "lease_held"
        /// Another projector moved the checkpoint; nothing of this batch was committed.
        case checkpointMoved = "checkpoint_moved"
        /// Open transactions keep the views from being switched to the new tables.
        case viewsInUse = "views_in_use"
        /// A view's columns changed their names, order or types, which CREATE OR REPLACE VIEW refuses.
        case viewsChanged = "views_changed"
        /// The checkpoint lies beyond the log's end: the log was rewound, as by a restore.
        case logRewound = "log_rewound"
        /// A position that the log has not reached yet.
        case notSettled = "not_settled"
        /// The binary does not carry what it should.
        case incomplete
        /// The caller asked to stop; nothing of the open batch was committed.
        case cancelled
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
