import RecordFormats

/// Differences between the facts that are expected and those that came, for people: which fact, which of its fields, what was expected and what
/// came.
enum FactDifference {
    private static let shown = 20
    private static let width = 160

    /// - Parameters:
    ///   - expected: lines as `FactLine` writes them.
    ///   - got: likewise.
    /// - Returns: a text for each of the first differences, and the number of facts that differ.
    static func describe(expected: [String], got: [String]) -> ([String], Int) {
        if expected == got { return ([], 0) }
        var missing: [Int: String] = [:]
        var unexpected: [Int: String] = [:]
        // What both begin and end with is left out: Myers' algorithm is slow on long lists that differ much.
        let start = zip(expected, got).prefix { $0 == $1 }.count
        let end = zip(expected.dropFirst(start).reversed(), got.dropFirst(start).reversed()).prefix { $0 == $1 }.count
        let old = Array(expected[start..<expected.count - end])
        let new = Array(got[start..<got.count - end])
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, let line, _): missing[offset] = line
            case .insert(let offset, let line, _): unexpected[offset] = line
            }
        }
        return (texts(missing, unexpected, offset: start), max(missing.count, unexpected.count))
    }

    private static func texts(_ missing: [Int: String], _ unexpected: [Int: String], offset: Int) -> [String] {
        var texts: [String] = []
        // A missing and an unexpected fact of one type and subject are one changed fact.
        var byHead: [String: [Int]] = [:]
        for (line, text) in unexpected.sorted(by: { $0.key < $1.key }) { byHead[head(text), default: []].append(line) }
        var paired: Set<Int> = []
        for (line, text) in missing.sorted(by: { $0.key < $1.key }) {
            let place = "expected.ndjson:\(line + offset + 1): \(head(text))"
            if let partner = byHead[head(text)]?.first, let other = unexpected[partner] {
                byHead[head(text)]?.removeFirst()
                paired.insert(partner)
                let fields = fields(text, other)
                let same = ["  the same, in another place or written otherwise"]
                if texts.count < shown { texts.append(([place] + (fields.isEmpty ? same : fields)).joined(separator: "\n")) }
            } else if texts.count < shown {
                texts.append("\(place) did not come\n  - \(cut(text))")
            }
        }
        for (line, text) in unexpected.sorted(by: { $0.key < $1.key }) where !paired.contains(line) && texts.count < shown {
            texts.append("fact \(line + offset + 1): \(head(text)) is not expected\n  + \(cut(text))")
        }
        return texts
    }

    /// Type and subject of a fact's line.
    private static func head(_ line: String) -> String {
        guard let fact = try? JSONParser.parse(line), let type = fact[member: "type"]?.string, let subject = fact[member: "subject"]?.string else { return cut(line) }
        return "\(type) \(subject)"
    }

    /// The fields in which two lines of one type and subject differ.
    private static func fields(_ expected: String, _ got: String) -> [String] {
        guard let a = try? JSONParser.parse(expected), let b = try? JSONParser.parse(got) else { return ["  - \(cut(expected))", "  + \(cut(got))"] }
        return differences(a, b, at: "")
    }

    private static func differences(_ a: Value, _ b: Value, at path: String) -> [String] {
        guard case .object(let before) = a, case .object(let after) = b else {
            return a == b ? [] : ["  \(path): expected \(cut(FactLine.json(a))), got \(cut(FactLine.json(b)))"]
        }
        var texts: [String] = []
        for member in before {
            let inner = path.isEmpty ? member.name : "\(path).\(member.name)"
            guard let other = b[member: member.name] else {
                texts.append("  \(inner): expected \(cut(FactLine.json(member.value))), got nothing")
                continue
            }
            texts += differences(member.value, other, at: inner)
        }
        for member in after where a[member: member.name] == nil {
            let inner = path.isEmpty ? member.name : "\(path).\(member.name)"
            texts.append("  \(inner): expected nothing, got \(cut(FactLine.json(member.value)))")
        }
        return texts
    }

    private static func cut(_ text: String) -> String { text.count <= width ? text : text.prefix(width) + "…" }
}
