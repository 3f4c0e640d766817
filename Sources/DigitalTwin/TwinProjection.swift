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
    private var plans = FactPlans()

    /// - Parameter name: of the checkpoint and of the schema of the views.
    package init(name: String = "twin") {
        self.name = name
        let erasures = Erasures()
        self.erasures = erasures
        claims = ClaimKind.all.map { ClaimFold($0, erasures) }
    }

    package func use(_ catalog: Catalog) {
        plans.use(catalog) { steps.number(of: $0) }
        erasures.use(catalog.erasures)
    }

    package func fold(_ fact: Fact) throws {
        guard let plan = plans.plan(of: fact) else { return }
        let id = try plans.id(of: fact, plan)
        // That the source told something stays true.
        if erasures.covers(fact) { return freshness.take(plan.kind, fact, occurred: fact.occurredAt) }
        freshness.take(plan.kind, fact, occurred: take(id, plan, fact))
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
        let staged = claims.filter { !$0.isEmpty }.map { $0.stage(sources: plans.sources) }
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
        let sources = plans.sources
        // The long ones first: outlines take longest for what they hold, and steps and readings are mostly more than things.
        func works(_ isChosen: (ClaimKind) -> Bool) -> [Work] {
            claims.filter { !$0.isEmpty && isChosen($0.kind) }.sorted { $0.heldBytes > $1.heldBytes }.map { claims in
                Work { try claims.fill(on: $0, sources: sources, isLast: isLast) }
            }
        }
        let outlines = works(\.isUnited), others = works { !$0.isUnited }
        return outlines + steps.fill(isLast: isLast) + [Work { [observations] in try observations.fill(on: $0) }] + others + [freshness.stage()]
    }

    package func finish() -> [[Work]] {
        let rest = [Work { [steps] in try steps.finish(on: $0) }, Work { [observations] in try observations.finish(on: $0) }]
        // Most kinds are empty in most places: what their tables lack is soon made, and not worth a transaction each.
        let filled = claims.filter(\.isFilled), empty = claims.filter { !$0.isFilled }.map { $0.takeRest() }
        let halves = [0, 1].map { half in empty.indices.filter { $0 % 2 == half }.flatMap { empty[$0] }.joined(separator: ";") }
        let works = filled.map { claims in Work { try claims.finish(on: $0) } } + halves.map { half in Work { if !half.isEmpty { try $0.execute(half) } } }
        return [rest + works] + TwinLinks.everything
    }
}
