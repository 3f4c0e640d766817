import PostgresClient

/// How long a reader that has caught up waits for news: LISTEN wakes at once; where it does not reach (behind a pooler), it looks,
/// less often while nothing comes.
package struct Waiting {
    private var milliseconds = 250

    package init() {}

    /// News came.
    package mutating func reset() { milliseconds = 250 }

    /// - Parameter connection: that listens to the channel `hub`.
    package mutating func wait(on connection: Connection) throws {
        _ = try connection.notifications(timeout_ms: milliseconds)
        milliseconds = min(milliseconds * 2, 8000)
    }
}
