import EventLog
import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One run of a Singer tap: several streams out of one output, and one STATE for all of them.
///
/// The batches of the streams leave together: a STATE is committed with the records of all streams before it, or with records that stand
/// before it and after it where the streams know what they told (these come again, and say nothing new). A stream of mode append knows
/// nothing: its records leave with the STATE behind them, never without.
///
/// Knows no database: batches leave through `commit`.
final class SingerPull {
    /// A stream of the manifest that the tap feeds.
    final class Member {
        let pull: StreamPull
        let before: StreamState
        let names: Set<String>
        let versions: VersionWatch?
        /// Whether records came since the last batch.
        fileprivate var isDirty = false
        fileprivate var parts: [Batch] = []

        /// - Parameter makePull: is given what takes the stream's batches.
        init(
            before: StreamState, names: Set<String>, versions: VersionWatch?, makePull: (@escaping (Batch) throws -> Void) throws -> StreamPull
        ) rethrows {
            final class Parts { weak var member: Member? }
            let parts = Parts()
            self.before = before
            self.names = names
            self.versions = versions
            pull = try makePull { parts.member?.parts.append($0) }
            parts.member = self
        }

        fileprivate var stream: Stream { pull.stream }
    }

    /// How much an append stream may send without a STATE.
    static let mostUnbound = 1_000_000

    private let members: [Member]
    private let byName: [String: [Member]]
    private let title: String
    private let version: String
    private let stateName: String
    private let seconds: Int
    private let commit: (Batch) throws -> Void
    private let log: (String) -> Void

    private var schemas: [String: SingerSchema] = [:]
    /// The last STATE that was sent and says something.
    private var state: String?
    private var isStateNew = false
    private var passedOver: [String: Int] = [:]
    private var unbound = 0
    private var messages = 0
    private var lastCommit_s = time(nil)

    /// - Parameters:
    ///   - title: the tap's name for batches, quarantine and errors.
    ///   - stateName: under which the STATE is kept among the cursors.
    ///   - seconds: after which the lease needs a sign of life.
    ///   - commit: takes a batch; what it throws ends the pull.
    init(
        _ members: [Member], title: String, adapterVersion: String, stateName: String, seconds: Int, commit: @escaping (Batch) throws -> Void,
        log: @escaping (String) -> Void
    ) {
        self.members = members
        self.title = title
        version = adapterVersion
        self.stateName = stateName
        self.seconds = seconds
        self.commit = commit
        self.log = log
        var byName: [String: [Member]] = [:]
        for member in members { for name in member.names { byName[name, default: []].append(member) } }
        self.byName = byName
    }

    /// Reads the tap's output to its end. Where the tap fails, what came before is committed with the last STATE, and its error thrown.
    func read(_ source: any ByteSource) throws {
        let reader = SingerReader(source)
        while true {
            let message: SingerMessage?
            do throws(FormatError) {
                message = try reader.next()
            } catch {
                if unbound == 0, messages > 0 { try flush() }
                throw error
            }
            guard let message else { break }
            try take(message)
        }
        for (stream, count) in passedOver.sorted(by: { $0.key < $1.key }) {
            log("\(title): \(count) records of the stream \"\(stream)\", which the manifest does not name, were passed over")
        }
    }

    /// Ends a pull whose tap ended well: removals, drift, the last STATE.
    /// - Parameter newState: what a stream keeps, from its pull.
    func finish(acceptRemovals: Bool, compacted: (Member) -> Bool, newState: (Member) -> StreamState) throws {
        if unbound > 0 {
            throw fault(
                .data, "The tap ended without a STATE behind the last \(unbound) records of an append stream: the next run would tell them again.",
                hint: "Use mode incremental or snapshot, with a key.")
        }
        var joint = Batch(adapterVersion: version, input: title)
        for member in members {
            let isComplete = member.versions?.decide() ?? false
            try gather(from: member) {
                try member.pull.finish(
                    before: member.before, complete: isComplete, acceptRemovals: acceptRemovals, compact: compacted(member)
                ) { pull in
                    var state = newState(member)
                    member.versions?.end(&state, in: &joint, isActivated: isComplete, areHeldBack: pull.heldBackReason != nil)
                    return state
                }
            }
        }
        try send(&joint)
    }

    // MARK: -

    private func take(_ message: SingerMessage) throws {
        messages += 1
        switch message {
        case .schema(let stream, let schema):
            schemas[stream] = schema
            let check = SchemaCheck(schema: schema, name: stream, title: title)
            for member in byName[stream] ?? [] { try check.check(member.stream, before: member.before) }
        case .record(let stream, let record, let version): try take(record, of: stream, version)
        case .state(let value): try take(state: value)
        case .activateVersion(let stream, let version): for member in byName[stream] ?? [] { member.versions?.note(activate: version) }
        case .batch(let stream):
            throw fault(
                .configuration, "The tap sends the stream \"\(stream)\" in files (BATCH messages), which are not read here.",
                hint: "Take \"batch_config\" out of its configuration, so that it sends RECORD messages.")
        case .refused(let stream, let refusal): try take(refusal, of: stream)
        }
        if messages & 0xFFF == 0, time(nil) - lastCommit_s >= seconds { try giveSign() }
    }

    private var place: InputPlace { InputPlace(name: title, index: 0) }

    private func take(_ record: Record, of stream: String, _ version: Int64?) throws {
        guard let fed = byName[stream] else {
            if passedOver.count < 1000 || passedOver[stream] != nil { passedOver[stream, default: 0] += 1 }
            return
        }
        guard let schema = schemas[stream] else {
            throw fault(.data, "A record of the stream \"\(stream)\" comes before its SCHEMA.", line: record.line, hint: "The tap has to be corrected.")
        }
        let broken = schema.fault(of: record)
        for member in fed {
            if let version { member.versions?.note(record: version) }
            if let broken {
                try member.pull.take(
                    .refused(Refusal(line: record.line, raw: record.raw, rule: broken.rule, message: broken.message, shape: record.shape)), place)
            } else {
                try member.pull.take(.record(record), place)
            }
            member.isDirty = true
            if member.stream.mode == .append { unbound += 1 }
        }
        guard fed.contains(where: \.pull.isFull) else { return }
        if unbound == 0 { return try flush() }
        if unbound > Self.mostUnbound {
            throw fault(
                .data, "The tap has sent \(unbound) records of an append stream without a STATE: where it would go on after a failure is unknown.",
                line: record.line, hint: "Use mode incremental or snapshot, with a key.")
        }
    }

    /// Where nobody knows of which stream the line is, it may be of any: the first one's quarantine takes it, and none tells removals.
    private func take(_ refusal: Refusal, of stream: String?) throws {
        let fed = stream.map { byName[$0] ?? [] } ?? members
        for member in fed.dropFirst() { member.pull.noteUnreadable() }
        guard let first = fed.first else { return }
        try first.pull.take(.refused(refusal), place)
        first.isDirty = true
    }

    private func take(state value: String) throws {
        guard !TapState.isEmpty(value) else { return }
        isStateNew = isStateNew || value != state
        state = value
        if unbound > 0 || members.contains(where: \.pull.isFull) || time(nil) - lastCommit_s >= seconds {
            unbound = 0
            try flush()
        }
    }

    /// For the lease.
    private func giveSign() throws {
        if unbound == 0 { return try flush() }
        try commit(Batch(adapterVersion: version, input: title))
        lastCommit_s = time(nil)
    }

    /// Commits what all streams have, with the last STATE.
    private func flush() throws {
        var joint = Batch(adapterVersion: version, input: title)
        for member in members where member.isDirty {
            var state = member.before
            member.versions?.keep(&state, in: &joint)
            try gather(from: member) { try member.pull.flush(state.pendingVersion == member.before.pendingVersion ? nil : state) }
            member.isDirty = false
        }
        try send(&joint)
    }

    /// Where a stream has too many refused records, they are all that is committed: the STATE stays, and the others are told the next time.
    private func gather(from member: Member, _ flush: () throws -> Void) throws {
        do {
            try flush()
        } catch {
            if let refused = member.parts.last { try commit(refused) }
            throw error
        }
    }

    private func send(_ joint: inout Batch) throws {
        for member in members {
            for part in member.parts { joint.append(part) }
            member.parts = []
        }
        if isStateNew, let state { joint.cursors[stateName] = state }
        isStateNew = false
        try commit(joint)
        lastCommit_s = time(nil)
    }

    private func fault(_ kind: AdapterError.Kind, _ message: String, line: Int? = nil, hint: String) -> AdapterError {
        AdapterError(kind, message, file: title, line: line, hint: hint)
    }
}
