import EventLog
import PostgresClient

/// The keys of the people whom one source speaks of, and who of them was erased.
///
/// About 100 bytes a person in memory: wrapped keys, opened one at a time. New keys are handed to the batch whose facts they seal.
/// Used by one thread at a time: loaded before the run's reading thread starts, then by that thread alone.
final class SubjectKeyring: @unchecked Sendable {
    /// Name of the source.
    let source: String
    private let sealing: [UInt8]
    private let isSample: Bool

    private var numbers: [String: Int32] = [:]
    /// Of each, one behind the other: the name of the key and the wrapped key.
    private var stored: [UInt8] = []
    private static let stride = SubjectKey.idLength + SubjectKey.wrappedLength

    private var new: [NewSubjectKey] = []
    /// Values of one record come one after another.
    private var last: SubjectKey?

    /// People whose records must not be told.
    private(set) var erased: Set<String> = []
    /// State of the keys when it was loaded; nil where there is no database.
    private(set) var generation: Int64?

    /// Keys of nobody yet.
    init(source: String, keys: Keys) {
        self.source = source
        sealing = keys.sealing
        isSample = keys.isSample
    }

    /// Loads what the database knows, under the source's own role. Throws `transient` where `sealing.key` is being changed.
    func load(on connection: Connection) throws {
        do throws(PostgresError) {
            generation = try connection.query("SELECT hub.sealing_generation($1)", [.bytes(KeyCheck.digest("sealing.key", sealing))]).int(0, 0)
        } catch {
            guard error.sqlState == "TH010" else { throw error }
            throw AdapterError(.transient, "sealing.key is not the one that the database's keys are wrapped by: it was changed a moment ago.", hint: "Run it again.")
        }
        let rows = try connection.query("SELECT subject FROM hub.erasure WHERE readmitted_at IS NULL")
        for row in 0..<rows.count { if let subject = rows.text(row, 0) { erased.insert(subject) } }
        try connection.copyOut("COPY (SELECT subject, id, wrapped FROM hub.subject_key) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard row.columns == 3, let subject = row.cell().map({ String(decoding: $0, as: UTF8.self) }),
                let id = row.cell().map({ Array($0) }), let wrapped = row.cell().map({ Array($0) })
            else { return }
            store(subject, id, wrapped)
        }
    }

    /// Who was erased, for what depends on it; empty where nobody was.
    var erasedMark: String {
        erased.isEmpty ? "" : SHA256.digest(Array(erased.sorted().joined(separator: "\n").utf8)).hexadecimal
    }

    /// The value to tell in the text's place.
    func seal(_ text: String, of subject: String, in place: SealedValue.Place) throws(AdapterError) -> String {
        try SealedValue(text, in: place, under: try key(of: subject)).text
    }

    /// Keys made since the last call.
    func takeNew() -> [NewSubjectKey] {
        defer { new = [] }
        return new
    }

    private func key(of subject: String) throws(AdapterError) -> SubjectKey {
        if let last, last.subject == subject { return last }
        let key: SubjectKey
        if isSample {
            key = SubjectKey(ofSample: subject, source: source, key: sealing)
        } else if let number = numbers[subject] {
            let start = Int(number) * Self.stride
            let id = String(decoding: stored[start..<start + SubjectKey.idLength], as: UTF8.self)
            key = try SubjectKey(
                unwrapping: Array(stored[start + SubjectKey.idLength..<start + Self.stride]), id: id, subject: subject, source: source, under: sealing)
        } else {
            key = try SubjectKey(of: subject)
            let wrapped = try key.wrapped(for: source, under: sealing)
            store(subject, Array(key.id.utf8), wrapped)
            new.append(NewSubjectKey(id: key.id, subject: subject, wrapped: wrapped))
        }
        last = key
        return key
    }

    private func store(_ subject: String, _ id: [UInt8], _ wrapped: [UInt8]) {
        guard id.count == SubjectKey.idLength, wrapped.count == SubjectKey.wrappedLength else { return }
        numbers[subject] = Int32(stored.count / Self.stride)
        stored += id
        stored += wrapped
    }
}
