import EventLog
import Projections

/// What facts are to whoever folds the twin's kinds: by its type what a fact does, and the id of the thing that it speaks of.
struct FactPlans {
    /// By source id: the name, UTF-8.
    private(set) var sources: [Int32: [UInt8]] = [:]
    /// By type id; nil for types that are not the twin's.
    private var plans: [TypePlan?] = []
    private let key = IDBuffer()

    /// - Parameter number: gives steps their numbers, by their names.
    mutating func use(_ catalog: Catalog, number: (Substring.UTF8View) -> Int32) {
        if sources.count != catalog.sources.count { sources = catalog.sources.mapValues { Array($0.name.utf8) } }
        for (id, type) in catalog.types where id >= 0 {
            while plans.count <= Int(id) { plans.append(nil) }
            if plans[Int(id)] == nil { plans[Int(id)] = TypePlan.plan(for: type.name, number: number) }
        }
    }

    /// Nil where the fact's type is not the twin's.
    func plan(of fact: Fact) -> TypePlan? { plans.indices.contains(Int(fact.typeID)) ? plans[Int(fact.typeID)] : nil }

    /// The id; until that of another fact is asked for.
    func id(of fact: Fact, _ plan: TypePlan) throws(ProjectionError) -> UnsafeRawBufferPointer {
        if key.sourceID != fact.sourceID {
            guard let source = sources[fact.sourceID] else {
                throw ProjectionError(.incomplete, "The fact at position \(fact.position) comes from source \(fact.sourceID), which is not registered.")
            }
            key.use(source, fact.sourceID)
        }
        key.take(subject: fact.subject)
        if let suffix = plan.suffix?(JSONView(fact.payload)) { key.append(suffix) }
        return key.bytes
    }
}
