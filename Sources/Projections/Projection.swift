import EventLog
import PostgresClient

/// A fold from facts to tables: what a `Projector` runs.
///
/// A projection holds what a batch changed in memory until `flush` writes it. It must give the same tables whatever the
/// batches are: the projector cuts them anywhere, and throws the instance away after an error.
package protocol Projection: AnyObject {
    /// Name of its checkpoint, and of the schema of its views; its tables live in `<name>_g<n>`.
    var name: String { get }
    /// The SQL of its tables and views.
    var definition: Definition { get }
    /// What numbers stand for; called before the first fact and whenever a number is new.
    func use(_ catalog: Catalog)
    /// Takes in one fact.
    func fold(_ fact: Fact) throws
    /// Bytes held in memory: beyond its limit a rebuild writes what is held.
    var heldBytes: Int { get }
    /// Takes what is held out of memory: the work writes it into tables that are read, and brings everything derived up to date,
    /// inside the projector's transaction, with the tables' schema first on the search path. Facts are folded on while it runs.
    /// - Parameter telling: of a batch whose changes services are to be told of, the positions of the last fact before it and of its last one.
    func flush(telling: Range<Int64>?) -> Work
    /// What time alone changes, and no fact: run now and then by who follows, in a transaction of its own.
    var passing: Work? { get }
    /// Of a rebuild: what is to be done to write what is held into tables that nobody reads yet.
    /// - Parameter isLast: whether nothing will follow.
    func fill(isLast: Bool) -> [Work]
    /// Of a rebuild, after the last fact: what is left to do, step by step. Here the indexes are made.
    func finish() -> [[Work]]
}

extension Projection {
    package var passing: Work? { nil }
}

/// A part of a rebuild: a transaction of its own, with the tables' schema first on the search path. Works of one step
/// may run at the same time, on threads and connections of their own.
package struct Work {
    package let run: (Connection) throws -> Void

    package init(_ run: @escaping (Connection) throws -> Void) { self.run = run }
}

/// The SQL of a projection. `{generation}` stands for the schema of the tables, `{twin}` for the schema of the views.
package struct Definition: Sendable {
    /// Counted up whenever the fold gives other rows from the same facts: then the tables must be rebuilt.
    package let revision: Int
    /// Statements that make the tables, run with the tables' schema as search path.
    package let tables: [String]
    /// Statements that make the indexes: `finish` runs them.
    package let indexes: [String]
    /// Statements that make or replace the views, with their comments, each after those it reads.
    package let views: [String]
    /// SQL that is true while what `views` makes in schemas of others is there: who drops such a schema drops it, too.
    package let areThere: String

    package init(revision: Int, tables: [String], indexes: [String], views: [String], areThere: String = "true") {
        self.revision = revision
        self.tables = tables
        self.indexes = indexes
        self.views = views
        self.areThere = areThere
    }

    /// Changes whenever the tables change: then what is there cannot be folded on, but must be rebuilt.
    package var tablesMark: String { mark(["\(revision)"] + tables + indexes) }
    /// Changes whenever the views change.
    package var viewsMark: String { mark(views) }

    /// FNV-1a, 64 bits: tells texts of ours apart, guards against nobody.
    private func mark(_ texts: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in texts.joined(separator: "\0").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
