import EventLog

/// Which records of a stream belong to which version of its table, so that ACTIVATE_VERSION removes those of older versions only.
///
/// A tap that is interrupted may go on in the next run with the same version and send only the rest. So while a version is not activated, the
/// keys of its records are kept in `hub.fingerprint` under a stream of their own, and forgotten when it is.
final class VersionWatch {
    /// The suffix of that stream.
    static let suffix = "#version"

    private let stream: String
    private let table: FingerprintTable
    /// Keys that are stored, of `pending`.
    private var stored: FingerprintTable
    private var hasStored: Bool
    private var forgetsStored = false
    /// The version to which the known records belong, or older ones.
    private let activated: Int64?
    /// The version whose keys are stored.
    private var pending: Int64?
    /// The newest version of this pull's records.
    private var current: Int64?
    /// What the tap last asked for.
    private var asked: Int64?

    /// - Parameters:
    ///   - table: of the stream, in which records are marked as met.
    ///   - stored: the keys under the suffix.
    init(_ stream: String, table: FingerprintTable, stored: FingerprintTable, before: StreamState) {
        self.stream = stream
        self.table = table
        self.stored = stored
        hasStored = stored.liveCount > 0
        activated = before.version
        pending = before.pendingVersion
    }

    /// Takes note of a record's version before the record is taken.
    func note(record version: Int64) {
        if let current, version <= current { return }
        // What was met so far is of an older version.
        if current != nil { table.forgetMet() }
        turn(to: version)
    }

    /// Takes note of an ACTIVATE_VERSION.
    func note(activate version: Int64) { asked = version }

    /// Decides at the end of a complete pull whether records that were not met have vanished.
    func decide() -> Bool {
        guard let asked, activated.map({ asked > $0 }) ?? true else { return false }
        guard let current else {
            turn(to: asked)
            return true
        }
        if asked > current { table.forgetMet() }
        return asked >= current
    }

    /// What a batch before the end keeps: the keys met so far.
    func keep(_ state: inout StreamState, in batch: inout Batch) {
        // Of an activated version nothing is to be removed any more.
        guard let current, activated.map({ current > $0 }) ?? true else { return }
        var block = FingerprintBlocks()
        table.forEachMet { key in
            guard stored.content(key) == 0 else { return }
            stored.set(key, content: 1)
            block.add(key, content: 1)
        }
        if forgetsStored { batch.compacted.insert(stream + Self.suffix) }
        forgetsStored = false
        if !block.isEmpty {
            batch.fingerprints.append(block.take(stream: stream + Self.suffix))
            hasStored = true
        }
        state.pendingVersion = current
    }

    /// What the last batch keeps.
    /// - Parameters:
    ///   - isActivated: what `decide` said.
    ///   - areHeldBack: whether removals were not told: those records are of an older version still.
    func end(_ state: inout StreamState, in batch: inout Batch, isActivated: Bool, areHeldBack: Bool) {
        guard isActivated, let asked else { return keep(&state, in: &batch) }
        if hasStored || forgetsStored { batch.compacted.insert(stream + Self.suffix) }
        if !areHeldBack { state.version = asked }
        state.pendingVersion = nil
    }

    private func turn(to version: Int64) {
        current = version
        if pending == version {
            stored.forEach { key, _, _ in _ = table.meet(key) }
        } else if hasStored {
            stored = FingerprintTable()
            hasStored = false
            forgetsStored = true
        }
        pending = version
    }
}
