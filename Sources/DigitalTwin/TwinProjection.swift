import EventLog
import PostgresClient
import Projections

/// Folds the log into the digital twin: claims, readings and steps in Swift, what belongs together in SQL.
package final class TwinProjection: Projection {
    package let name: String
    package var definition: Definition { TwinSQL.definition }

    /// What a type of fact does.
    private enum Action {
        case describe(Int), tell(Int), end(Int)
        case step([UInt8])
        case observe
    }

    private var claims = ClaimKind.all.map { ClaimFold($0) }
    private var steps = StepFold()
    private var observations = ObservationFold()
    private var freshness = FreshnessFold()

    /// By type id: what to do, the type's name, and the kind whose freshness it moves.
    private var actions: [Int32: (type: String, kind: String, actions: [Action])] = [:]
    private var sources: [Int32: [UInt8]] = [:]
    private var key: [UInt8] = []
    private var linksAreTouched = false

    /// - Parameter name: of the checkpoint and of the schema of the views.
    package init(name: String = "twin") { self.name = name }

    package func use(_ catalog: Catalog) {
        if sources.count != catalog.sources.count { sources = catalog.sources.mapValues { Array($0.name.utf8) } }
        for (id, type) in catalog.types where actions[id] == nil { actions[id] = Self.actions(of: type.name) }
    }

    package func fold(_ fact: Fact) throws {
        guard let (type, kind, actions) = actions[fact.typeID], !actions.isEmpty else { return }
        guard let source = sources[fact.sourceID] else {
            throw ProjectionError(.incomplete, "The fact at position \(fact.position) comes from source \(fact.sourceID), which is not registered.")
        }
        // The id of the thing: the source's name, a colon, and its own key.
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: source)
        key.append(UInt8(ascii: ":"))
        let slash = fact.subject.firstIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        key.append(contentsOf: fact.subject[slash...])
        var occurred = fact.occurredAt
        for action in actions { perform(action, type, fact, &occurred) }
        freshness.take(kind, fact, occurred: occurred)
    }

    /// - Parameter occurred: when what the fact says was so: its own date, but of readings the time of the newest.
    private func perform(_ action: Action, _ type: String, _ fact: Fact, _ occurred: inout Timestamp?) {
        switch action {
        case .describe(let index): withKey(index, type, fact) { claims[index].describe($0, fact) }
        case .end(let index): withKey(index, type, fact) { claims[index].end($0, fact) }
        case .tell(let index): key.withUnsafeBytes { claims[index].tell($0, fact) }
        case .step(let step): key.withUnsafeBytes { steps.take($0, step: step, fact) }
        case .observe: occurred = key.withUnsafeBytes { observations.take($0, fact) }
        }
    }

    private func withKey(_ index: Int, _ type: String, _ fact: Fact, _ body: (UnsafeRawBufferPointer) -> Void) {
        guard let suffix = claims[index].kind.keySuffix else { return key.withUnsafeBytes(body) }
        (key + Array(suffix(type, JSONView(fact.payload)).utf8)).withUnsafeBytes(body)
    }

    package var heldBytes: Int {
        claims.reduce(steps.heldBytes + observations.heldBytes) { $0 + $1.heldBytes }
    }

    package func flush(on connection: Connection, mode: FlushMode) throws {
        try makeStages(on: connection)
        switch mode {
        case .filling:
            for index in claims.indices { try claims[index].fill(on: connection, sources: sources) }
        case .live:
            try flushClaims(on: connection)
        case .finished:
            try run(["everything_affected", "link_buildings", "replace_links", "link_others", "replace_links", "case_state"], on: connection)
        }
        try steps.flush(on: connection, mode: mode)
        try observations.flush(on: connection, mode: mode)
        try freshness.flush(on: connection)
        if case .live = mode, linksAreTouched {
            try run(["affected_buildings", "link_buildings", "replace_links", "affected_others", "link_others", "replace_links", "case_state"], on: connection)
        }
        linksAreTouched = false
    }

    private func flushClaims(on connection: Connection) throws {
        let touched = claims.indices.filter { !claims[$0].isEmpty }
        linksAreTouched = touched.contains { Self.linked.contains(claims[$0].kind.name) }
        for index in touched {
            try claims[index].stage(on: connection, sources: sources)
            try claims[index].merge(on: connection)
        }
    }

    private func run(_ files: [String], on connection: Connection) throws {
        for file in files { try connection.execute(TwinSQL.derive(file)) }
    }

    private func makeStages(on connection: Connection) throws {
        guard try !connection.query("SELECT to_regclass('pg_temp.stage_building') IS NOT NULL").bool(0, 0) else { return }
        try connection.execute(TwinSQL.stages)
    }

    /// Kinds whose claims decide which building something belongs to.
    private static let linked: Set<String> = ["building", "building_part", "entrance", "address", "sensor", "case", "pipe"]

    /// What a type of fact does; nothing for types that are not the twin's.
    private static func actions(of type: String) -> (type: String, kind: String, actions: [Action]) {
        if type == "observations.recorded" { return (type, "observation", [.observe]) }
        for (index, kind) in ClaimKind.all.enumerated() {
            let isCase = kind.name == "case" && type.hasPrefix("case.")
            let step: [Action] = isCase ? [.step(Array(type.utf8.dropFirst(5)))] : []
            if kind.ended.contains(type) { return (type, kind.name, [.end(index)]) }
            if kind.described.contains(type) { return (type, kind.name, [.describe(index)] + step) }
            if isCase { return (type, kind.name, [.tell(index)] + step) }
        }
        return (type, "", [])
    }
}
