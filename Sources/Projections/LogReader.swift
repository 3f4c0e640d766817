import EventLog
import Foundation
import PostgresClient

/// Where facts come from: the log, or in tests a list.
package protocol FactReader {
    /// Up to here every fact can be read.
    func horizon() throws -> Int64
    /// Whether the log has ever been this long; false after it was rewound, as by a restore of an older backup.
    func hasReached(_ position: Int64) throws -> Bool
    /// Hands over the facts after `after` up to `upTo`, at most `limit`, in the order of positions.
    /// - Returns: the position to go on after, and how many there were.
    func read(after: Int64, upTo: Int64, limit: Int, _ body: (Fact) throws -> Void) throws -> (position: Int64, count: Int)
    /// What the numbers of sources and types stand for, now.
    func catalog() throws -> Catalog
}

/// The settled facts of `hub.event`, read ahead. On connections of its own: a projector reads while it writes.
package final class LogReader: FactReader {
    private let model: Connection
    private var asking: Connection?
    private var readers: [Connection] = []
    private var ahead: ReadAhead?
    /// Up to where the facts read ahead have been taken.
    private var taken: Int64 = 0

    private let notesTicks: Bool

    /// - Parameters:
    ///   - connection: those of the reader are opened like it.
    ///   - notesTicks: whether it writes down which position a second is: projectors may.
    package init(_ connection: Connection, notesTicks: Bool = true) {
        model = connection
        self.notesTicks = notesTicks
    }

    deinit { ahead?.stop() }

    private func connection() throws -> Connection {
        if let asking, asking.isAlive { return asking }
        let opened = try model.another()
        asking = opened
        return opened
    }

    /// Notes in `hub.tick`, at most once a second, which position this moment is, where it may.
    package func horizon() throws -> Int64 { try connection().query("SELECT hub.\(notesTicks ? "record_tick" : "settled")()").int(0, 0) ?? 0 }

    /// Not the horizon: that one may step back a little when a writer announces itself late.
    package func hasReached(_ position: Int64) throws -> Bool {
        try connection().query("SELECT last_value >= $1::bigint FROM hub.event_position", [.int(position)]).bool(0, 0)
    }

    package func read(after: Int64, upTo: Int64, limit: Int, _ body: (Fact) throws -> Void) throws -> (position: Int64, count: Int) {
        guard upTo > after else { return (after, 0) }
        let ahead = try ahead(after: after, upTo: upTo)
        do {
            let (last, count) = try ahead.take(limit, body)
            // All of it is read: on from where it was to end, which may be past its last fact.
            if count < limit { forget() }
            taken = count < limit ? ahead.upTo : last ?? after
            try SettledReader(connection()).refuseGap(after: after, upTo: taken)
            return (taken, count)
        } catch {
            forget()
            throw error
        }
    }

    package func catalog() throws -> Catalog { try Catalog(on: connection()) }

    /// What is being read from this position on; started anew where something else was.
    private func ahead(after: Int64, upTo: Int64) throws -> ReadAhead {
        if let ahead, taken == after, after < ahead.upTo, ahead.upTo <= upTo { return ahead }
        forget()
        // Of a long range several sections are read at a time.
        let wanted = upTo - after > 4 * ReadAhead.sectionSize ? max(1, min(3, ProcessInfo.processInfo.activeProcessorCount)) : 1
        readers.removeAll { !$0.isAlive }
        while readers.count < wanted {
            do {
                readers.append(try model.another())
            } catch {
                // One is enough.
                if readers.isEmpty { throw error }
                break
            }
        }
        let started = try ReadAhead(readers, after: after, upTo: upTo)
        ahead = started
        return started
    }

    private func forget() {
        ahead?.stop()
        ahead = nil
        // Long ranges are rare: most of the time one connection follows.
        readers.removeLast(max(0, readers.count - 1))
    }
}
