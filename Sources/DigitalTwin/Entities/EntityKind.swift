/// A kind of thing that several sources tell of under keys of their own: whose claims may be one thing, by what they are compared, and by
/// which rules.
package struct EntityKind: Sendable {
    /// Such as `building`, `person`.
    package let name: String
    /// Where its claims stand.
    let sources: [ClaimSource]
    package let rules: MatchRules
    /// What is compared of a claim, in the order of the rules' attributes, each in a form in which equal ones are equal texts.
    let texts: @Sendable (_ id: ClaimID, _ cells: [String?]) -> [String?]

    /// One kind of claims of such things.
    struct ClaimSource: Sendable {
        /// Name of the kind of claims; its table is `<kind>_claim`.
        let kind: String
        /// What is read of a claim: SQL over `c`, its row, and `l`, the link of the building that it names.
        let cells: [String]
        /// Numbers of the cells in which an address stands, a line each, or a name that may be part of one.
        var addresses: [Int] = []
        /// Whether one of its claims stands for the thing before those of other sources.
        var stands = false
    }

    /// Whether its claims are compared by the building that they belong to.
    var followsBuildings: Bool { sources.contains { $0.cells.contains { $0.hasPrefix("l.") } } }

    /// Changes whenever a calibration no longer fits: with other attributes, levels, blocks, vetoes, keys or doubts.
    package var mark: String {
        var text = rules.attributes.map { "\($0.name):\($0.form.rawValue):\($0.steps)" }.joined(separator: ";")
        text += " \(rules.blocks) \(rules.vetoes.map(\.attributes)) \(rules.largestBlock)"
        if !rules.unambiguous.isEmpty { text += " \(rules.unambiguous.sorted())" }
        for agreement in rules.keys + [nil] + rules.doubts { text += " \(agreement?.levels.map { "\($0.attribute):\($0.levels)" }.joined(separator: ",") ?? "|")" }
        text += rules.isLearned ? "" : " unweighed"
        return String(text.utf8.reduce(Hash.seed) { Hash.add($0, UInt64($1)) }, radix: 16)
    }

    /// What is compared of a claim that is read from elsewhere than the twin.
    /// - Parameter cells: in the order of its source's cells.
    package func values(of id: String, _ cells: [String?]) -> [ClaimValue] { values(ClaimID(id), cells) }

    /// The same as values that are compared; what is not of an attribute's form counts as missing.
    func values(_ id: ClaimID, _ cells: [String?]) -> [ClaimValue] {
        zip(rules.attributes, texts(id, cells)).map { attribute, text in
            switch attribute.form {
            case .code: .code(text)
            case .text: .text(text)
            case .date: text.flatMap { Int32($0) }.map { .date($0) } ?? .missing
            case .encoding: text.flatMap { Encoding.read($0) }.map { .encoding($0) } ?? .missing
            case .place: text.flatMap(Self.place).map { .place($0) } ?? .missing
            case .moment: text.flatMap { Int64($0) }.map { .moment($0) } ?? .missing
            // Not a single text: who compares places or sets makes them himself.
            case .site, .codes: .missing
            }
        }
    }

    /// Longitude and latitude, a blank between them.
    private static func place(_ text: String) -> GeographicPlace? {
        let numbers = text.split(separator: " ").compactMap { Double($0) }
        return numbers.count == 2 ? GeographicPlace(longitude: numbers[0], latitude: numbers[1]) : nil
    }

    /// A statement that reads claims: their ids, their cells, and from when they count, as text.
    /// - Parameter condition: SQL over `c.id`; nil for all.
    func statement(_ source: ClaimSource, where condition: String?) -> String {
        // Kinds of claims that name no building have no such column.
        let link = source.cells.contains { $0.hasPrefix("l.") } ? "LEFT JOIN building_link l ON l.kind = 'building' AND l.id = c.building_ref" : ""
        return """
            SELECT c.id, \(source.cells.map { "(\($0))::text" }.joined(separator: ", ")),
                   (CASE WHEN isfinite(c.effective_at) THEN (extract(epoch FROM c.effective_at) * 1000000)::bigint END)::text FROM \(source.kind)_claim c \(link)
             WHERE NOT c.removed\(condition.map { " AND \($0)" } ?? "")
            """
    }
}
