import EventLog
import PostgresClient
import Projections

/// Folds the log into the digital twin: claims, readings and steps in Swift, what belongs together in SQL.
package final class TwinProjection: Projection {
    package let name: String
    package var definition: Definition { TwinSQL.definition }

    private let erasures: Erasures
    private let claims: [ClaimFold]
    private let steps = StepFold()
    private let observations = ObservationFold()
    private var freshness = FreshnessFold(kinds: TypePlan.kinds)

    /// By type id; nil for types that are not the twin's.
    private var plans: [TypePlan?] = []
    /// By source id: the name, UTF-8.
    private var sources: [Int32: [UInt8]] = [:]
    private let key = IDBuffer()

    /// - Parameter name: of the checkpoint and of the schema of the views.
    package init(name: String = "twin") {
        self.name = name
        let erasures = Erasures()
        self.erasures = erasures
        claims = ClaimKind.all.map { ClaimFold($0, erasures) }
    }

    package func use(_ catalog: Catalog) {
        if sources.count != catalog.sources.count { sources = catalog.sources.mapValues { Array($0.name.utf8) } }
        erasures.use(catalog.erasures)
        for (id, type) in catalog.types where id >= 0 {
            while plans.count <= Int(id) { plans.append(nil) }
            if plans[Int(id)] == nil { plans[Int(id)] = TypePlan.plan(for: type.name) { steps.number(of: $0) } }
        }
    }

    package func fold(_ fact: Fact) throws {
        guard plans.indices.contains(Int(fact.typeID)), let plan = plans[Int(fact.typeID)] else { return }
        if key.sourceID != fact.sourceID {
            guard let source = sources[fact.sourceID] else {
                throw ProjectionError(.incomplete, "The fact at position \(fact.position) comes from source \(fact.sourceID), which is not registered.")
            }
            key.use(source, fact.sourceID)
        }
        // That the source told something stays true.
        if erasures.covers(fact) { return freshness.take(plan.kind, fact, occurred: fact.occurredAt) }
        key.take(subject: fact.subject)
        if let suffix = plan.suffix?(JSONView(fact.payload)) { key.append(suffix) }
        freshness.take(plan.kind, fact, occurred: take(key.bytes, plan, fact))
    }

    /// - Returns: when what the fact says was so: its own date, but of readings the time of the newest.
    private func take(_ key: UnsafeRawBufferPointer, _ plan: TypePlan, _ fact: Fact) -> Timestamp? {
        switch plan.action {
        case .describe: claims[plan.kind].describe(key, fact)
        case .end: claims[plan.kind].end(key, fact)
        case .tell: claims[plan.kind].tell(key, fact)
        case .observe: return observations.take(key, fact)
        }
        if let step = plan.step { steps.take(key, step, fact) }
        return fact.occurredAt
    }

    package var heldBytes: Int {
        claims.reduce(steps.heldBytes + observations.heldBytes) { $0 + $1.heldBytes }
    }

    // MARK: Live

    /// Types of the changes that services are told of.
    package static var changeTypes: [String] { ToldKind.all.flatMap(\.types) + ["case.overdue"] }

    package func flush(telling: Range<Int64>?) -> Work {
        let changes = telling.map { TwinChanges(schema: name, after: $0.lowerBound, position: $0.upperBound) }
        let staged = claims.filter { !$0.isEmpty }.map { $0.stage(sources: sources) }
        let steps = steps.stage(), observations = observations.stage(), freshness = freshness.stage(), erasures = erasures.stage()
        let kinds = staged.map(\.kind)
        return Work { connection in
            try TwinSQL.emptyGrownTables(on: connection)
            let entities = try EntityLinks(on: connection)
            try erasures.run(connection)
            try TwinLinks.begin(on: connection, kinds)
            for claims in staged { try claims.send(on: connection) }
            // Every row is looked up by its key: a batch is small beside the tables, and comes in the order of their keys.
            try connection.execute("SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off")
            try changes?.keepRows(touchedBy: kinds, on: connection)
            for claims in staged {
                try TwinLinks.noteChanges(of: claims.kind, on: connection)
                try entities.note(claims.kind)
                try claims.merge(on: connection)
            }
            try steps.run(connection)
            try observations.run(connection)
            try freshness.run(connection)
            try connection.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
            try TwinLinks.update(kinds, changes, entities, on: connection)
            try changes?.tell(on: connection)
        }
    }

    /// Tells of cases that have become overdue.
    package var passing: Work? {
        Work { [name] connection in
            let told = try connection.query(TwinSQL.derive("tell_overdue").replacing("{twin}", with: SQL.identifier(name)), [.text(name)])
            if told.affected > 0 { try connection.wakeReaders(isLast: true) }
        }
    }

    // MARK: Rebuild

    package func fill(isLast: Bool) -> [Work] {
        let sources = sources
        // The long ones first: steps and readings are mostly more than things.
        var works = steps.fill(isLast: isLast) + [Work { [observations] in try observations.fill(on: $0) }]
        works += claims.filter { !$0.isEmpty }.sorted { $0.heldBytes > $1.heldBytes }.map { claims in
            Work { try claims.fill(on: $0, sources: sources, isLast: isLast) }
        }
        works.append(freshness.stage())
        return works
    }

    package func finish() -> [[Work]] {
        let rest = Work { [claims, observations, steps] connection in
            try steps.finish(on: connection)
            try observations.finish(on: connection)
            for claims in claims { try claims.finish(on: connection) }
        }
        return [[rest]] + TwinLinks.everything
    }
}
