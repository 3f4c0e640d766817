/// What one source says of one thing now.
struct ReferenceClaim {
    var id: String
    var source: Int32
    var payload: [String: Plain] = [:]
    var occurred: Int64?
    /// Nil where it was told of, but never described.
    var effective: Int64?
    var position: Int64 = 0
    var removed: Bool
}

/// The reference fold: from a list of facts to the rows of the twin, as plainly as the rules can be written down.
/// It shares no code with the product, keeps no state, and does not care for the order of its list.
struct ReferenceFold {
    let facts: [PlainFact]
    let names: [Int32: String]

    func id(_ fact: PlainFact) -> String { name(fact.source) + ":" + fact.key }
    func name(_ source: Int32) -> String { names[source] ?? "" }

    /// `<source>:<key>` stays; a key without a source's name before a colon is the telling source's own.
    func reference(_ value: Plain?, of source: Int32) -> String? {
        guard let text = value?.text else { return nil }
        let before = text.prefix { $0 != ":" }
        let isFull = text.contains(":") && !before.isEmpty && before.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) }
        return isFull ? text : name(source) + ":" + text
    }

    /// The claims of a kind by their ids.
    /// - Parameters:
    ///   - told: facts that say that the thing is there, without saying what it is.
    ///   - key: the claim's id, where it is not the subject's.
    func claims(
        _ described: Set<String>, ended: Set<String>, told: (String) -> Bool = { _ in false }, key: ((PlainFact) -> String)? = nil
    ) -> [String: ReferenceClaim] {
        let relevant = facts.filter { described.contains($0.type) || ended.contains($0.type) || told($0.type) }
        return Dictionary(grouping: relevant, by: key ?? id).mapValues { facts in
            claim(id: (key ?? id)(facts[0]), described: facts.filter { described.contains($0.type) }, ended: facts.filter { ended.contains($0.type) },
                told: facts.filter { !ended.contains($0.type) })
        }
    }

    private func claim(id: String, described: [PlainFact], ended: [PlainFact], told: [PlainFact]) -> ReferenceClaim {
        let newest = described.max { ($0.effective, $0.position) < ($1.effective, $1.position) }
        // A dated end counts against the description by time; an undated one says that from there on the source no longer lists it.
        let end = ended.filter { $0.occurred != nil }.max { ($0.effective, $0.position) < ($1.effective, $1.position) }
        let lastTold = told.map(\.position).max() ?? 0
        let lastVanished = ended.filter { $0.occurred == nil }.map(\.position).max() ?? 0
        let isEnded = end.map { ($0.effective, $0.position) > (newest?.effective ?? .min, newest?.position ?? 0) } ?? false
        return ReferenceClaim(
            id: id, source: (told + ended)[0].source, payload: newest?.payload ?? [:], occurred: newest?.occurred, effective: newest?.effective,
            position: newest?.position ?? 0, removed: told.isEmpty || isEnded || lastVanished > lastTold)
    }

    /// The claims of a kind that are there, in the order of their ids.
    func present(_ kind: String, ended: [String] = []) -> [ReferenceClaim] {
        present(["\(kind).described"], ended: ["\(kind).removed"] + ended)
    }

    func present(
        _ described: Set<String>, ended: [String], told: (String) -> Bool = { _ in false }, key: ((PlainFact) -> String)? = nil
    ) -> [ReferenceClaim] {
        claims(described, ended: Set(ended), told: told, key: key).values.filter { !$0.removed }.sorted { $0.id < $1.id }
    }
}
