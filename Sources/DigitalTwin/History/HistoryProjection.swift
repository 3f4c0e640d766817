import EventLog
import PostgresClient
import Projections

/// Keeps every word that was ever said of a thing, one row a fact, read as the twin reads it: what `twin.building_at` and its kin
/// choose from by the moment that is asked for.
///
/// A projection of its own, beside the twin's: neither the twin's live batches nor its rebuild have anything to do with it. A row depends on its
/// fact alone, so that batches, restarts and rebuilds cannot make it another.
package final class HistoryProjection: Projection {
    package let name: String
    package var definition: Definition { HistorySQL.definition }

    private let erasures = Erasures()
    private let steps = StepWords()
    private var words: [ClaimWords]
    private var plans = FactPlans()

    /// - Parameter name: of the checkpoint and of the schema of the functions.
    package init(name: String = "history") {
        self.name = name
        words = ClaimKind.all.map { ClaimWords($0) }
    }

    package func use(_ catalog: Catalog) {
        plans.use(catalog) { steps.number(of: $0) }
        erasures.use(catalog.erasures)
    }

    package func fold(_ fact: Fact) throws {
        guard let plan = plans.plan(of: fact), plan.action != .observe, !erasures.covers(fact) else { return }
        let id = try plans.id(of: fact, plan)
        if plan.action != .tell { words[plan.kind].take(id, fact, isEnd: plan.action == .end) }
        if let step = plan.step { steps.take(id, step, fact) }
    }

    package var heldBytes: Int { words.reduce(steps.bytes) { $0 + $1.bytes } }

    package func flush(telling: Range<Int64>?) -> Work {
        let erased = erasures.stage(notesClaims: false), works = takeHeld()
        return Work { connection in
            try TwinSQL.emptyGrownTables(on: connection)
            try erased.run(connection)
            for work in works { try work.run(connection) }
        }
    }

    package func fill(isLast: Bool) -> [Work] { takeHeld() }

    package func finish() -> [[Work]] {
        [HistorySQL.definition.indexes.map { statement in Work { try $0.execute(statement) } }, [Work { try $0.execute(HistorySQL.analysis) }]]
    }

    /// What writes what is held; it is held no more.
    private func takeHeld() -> [Work] {
        let sources = plans.sources, erasures = erasures
        let works = words.indices.filter { !words[$0].isEmpty }.map { index in
            let held = words[index]
            words[index] = ClaimWords(held.kind)
            return Work { try held.write(on: $0, sources: sources, erasures: erasures) }
        }
        return works + steps.takeHeld()
    }
}

/// The words of one kind that were read and not yet written.
struct ClaimWords {
    private struct Word {
        let id: ArenaText
        let payload: ArenaText
        let sourceID: Int32
        let occurred: Timestamp?
        let effective_us: Int64
        let position: Int64
        let isEnd: Bool
    }

    let kind: ClaimKind
    private var words: [Word] = []
    private var texts = Arena()

    init(_ kind: ClaimKind) { self.kind = kind }

    var isEmpty: Bool { words.isEmpty }
    var bytes: Int { texts.heldBytes + words.count * MemoryLayout<Word>.stride }

    mutating func take(_ id: UnsafeRawBufferPointer, _ fact: Fact, isEnd: Bool) {
        words.append(
            Word(
                id: texts.add(id), payload: isEnd ? ArenaText() : texts.add(fact.payload), sourceID: fact.sourceID, occurred: fact.occurredAt,
                effective_us: fact.effective_us, position: fact.position, isEnd: isEnd))
    }

    func write(on connection: Connection, sources: [Int32: [UInt8]], erasures: Erasures) throws {
        let places = ProjectedPlaces()
        for word in words { texts.withBytes(of: word.payload) { places.want($0) } }
        try places.resolve(on: connection)
        if kind.isUnited { try connection.execute(TwinSQL.stage(kind)) }
        try connection.copyRows(into: kind.isUnited ? kind.raw : kind.table, kind.columnNames) { rows, sent in
            for word in words {
                write(word, sources[word.sourceID] ?? [], erasures, places, into: &rows)
                try sent(&rows)
            }
        }
        if kind.isUnited { try connection.execute("INSERT INTO \(kind.table) (\(kind.names)) \(kind.united)") }
    }

    private func write(_ word: Word, _ source: [UInt8], _ erasures: Erasures, _ places: ProjectedPlaces, into row: inout BinaryCopyWriter) {
        row.row(columns: Int16(ClaimKind.commonColumns.count + kind.columns.count))
        texts.withBytes(of: word.id) { row.data($0) }
        row.int4(word.sourceID)
        row.timestamp(word.occurred)
        row.timestamp(Timestamp(microseconds: word.effective_us))
        row.int8(word.position)
        row.int8(word.occurred == nil ? word.position : 0)
        row.bool(word.isEnd)
        guard !word.isEnd else {
            for _ in kind.columns { row.null() }
            return
        }
        texts.withBytes(of: word.payload) { bytes in
            let payload = Payload(JSONView(bytes), source: source, erasures: erasures, places: places)
            for column in kind.columns { column.write(payload, &row) }
        }
    }
}
