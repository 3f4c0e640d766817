/// What one source says of one thing now.
struct ReferenceClaim {
    var id: String
    var source: Int32
    var payload: [String: Plain] = [:]
    var occurred: Int64?
    /// Nil where it was told of, but never described.
    var effective: Int64?
    var position: Int64 = 0
    /// Whether the last word is an end.
    var removed: Bool
}

/// The reference fold: from a list of facts to the rows of the twin, as plainly as the rules can be written down.
/// It shares no code with the product, keeps no state, and does not care for the order of its list.
struct ReferenceFold {
    /// All that was told.
    let told: [PlainFact]
    /// What counts of it.
    let facts: [PlainFact]
    let names: [Int32: String]
    /// Departments of the sources.
    let departments: [Int32: String]
    /// Whose word stands, by the attribute of buildings.
    let rules: [String: ReferenceRule]
    /// Facts that hold for everybody: what resolvers have learned.
    let common: [PlainFact]
    /// By kind, the rules of today.
    let marks: [String: String]
    /// The parts of an address, and under `whole` the text in the form in which names are compared.
    let addressParts: (String) -> [String: String]
    private let destroyedKeys: Set<String>
    /// By pseudonym, the position of the last erasure.
    let erasedUpTo: [String: Int64]

    /// - Parameter log: where erasures are looked for, which reach back; nil where they are among the facts.
    init(
        facts: [PlainFact], names: [Int32: String], departments: [Int32: String] = [:], rules: [String: ReferenceRule] = ReferenceRule.shipped,
        log: [PlainFact]? = nil, common: [PlainFact]? = nil, marks: [String: String] = [:], addressParts: @escaping (String) -> [String: String] = { _ in [:] }
    ) {
        self.common = common ?? facts
        self.marks = marks
        self.addressParts = addressParts
        told = facts
        self.names = names
        self.departments = departments
        self.rules = rules
        let erasures = (log ?? facts).filter { $0.type == "subject.erased" }
        // Whatever was told of a person before an erasure no longer counts, of whatever moment.
        self.facts = facts.filter { fact in !erasures.contains { $0.subject == fact.subject && $0.position > fact.position } }
        erasedUpTo = Dictionary(erasures.map { ($0.key, $0.position) }, uniquingKeysWith: max)
        destroyedKeys = Set(erasures.flatMap { ($0.payload["keys"]?.array ?? []).compactMap(\.text) })
    }

    /// A text, unless it is sealed under a key that is no more.
    func openable(_ value: Plain?) -> String? {
        guard let text = text(value) else { return nil }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0] == "sealed" && destroyedKeys.contains(String(parts[1])) ? nil : text
    }

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
            let word = lastWord(facts.filter { described.contains($0.type) || ended.contains($0.type) })
            return ReferenceClaim(
                id: (key ?? id)(facts[0]), source: facts[0].source, payload: word?.payload ?? [:], occurred: word?.occurred,
                effective: word?.effective, position: word?.position ?? 0, removed: word.map { ended.contains($0.type) } ?? false)
        }
    }

    /// Of what is said of one thing, what holds: one fact after the other, in the order in which they were told. A fact
    /// without a date replaces what was said before, and is replaced by what is said next; of two dated ones the later date stands.
    private func lastWord(_ facts: [PlainFact]) -> PlainFact? {
        var word: PlainFact?
        for fact in facts.sorted(by: { $0.position < $1.position }) {
            if let date = fact.occurred, let before = word?.occurred, date < before { continue }
            word = fact
        }
        return word
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
