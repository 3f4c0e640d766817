import Foundation

/// What `adapter test` found.
package struct TestOutcome: Sendable {
    package let adapter: String
    package let facts: Int
    /// Rows of the samples that are refused: they are news, not a failure; samples may hold bad rows on purpose.
    package let refused: [RefusedRow]
    /// Readable differences, empty where the facts are those expected.
    package let differences: [String]
    /// How many lines differ, also those that are not shown.
    package let differing: Int
    /// Whether `expected.ndjson` was written.
    package let accepted: Bool

    package var passed: Bool { differing == 0 }
}

/// Compares the facts of the samples with `expected.ndjson`.
package enum AdapterTest {
    /// Runs the samples through the manifest, with fixed keys and without a database.
    /// - Parameter accept: writes the facts as the expected ones.
    package static func run(_ manifest: Manifest, accept: Bool = false) throws -> TestOutcome {
        let result = try SamplePull(manifest: manifest).samples()
        let lines = result.facts.map(FactLine.text)
        let path = manifest.folder + "/expected.ndjson"
        if accept {
            do {
                try (lines.joined(separator: "\n") + (lines.isEmpty ? "" : "\n")).write(toFile: path, atomically: true, encoding: .utf8)
            } catch {
                throw AdapterError(.configuration, "The expected facts cannot be written.", file: path, hint: "Check the rights on the folder.")
            }
            return outcome(manifest, result, [], 0, accepted: true)
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw AdapterError(
                .configuration, "There are no expected facts.", file: path,
                hint: "Look at `twinhub adapter preview \(manifest.name)`, then run `twinhub adapter test \(manifest.name) --accept`.")
        }
        let expected = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        let (differences, count) = LineDifference.describe(expected: expected, got: lines)
        return outcome(manifest, result, differences, count, accepted: false)
    }

    private static func outcome(
        _ manifest: Manifest, _ result: SampleResult, _ differences: [String], _ count: Int, accepted: Bool
    ) -> TestOutcome {
        TestOutcome(
            adapter: manifest.name, facts: result.facts.count, refused: result.refused, differences: differences, differing: count,
            accepted: accepted)
    }
}

/// Differences between two lists of lines, for people.
enum LineDifference {
    private static let shown = 20
    private static let width = 160

    /// - Returns: a text for each of the first differences, and the number of lines that differ.
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
        // A missing and an unexpected line of one subject are one changed line.
        var bySubject: [String: [Int]] = [:]
        for (line, text) in unexpected.sorted(by: { $0.key < $1.key }) { bySubject[head(text), default: []].append(line) }
        var paired: Set<Int> = []
        for (line, text) in missing.sorted(by: { $0.key < $1.key }) {
            guard texts.count < shown else { break }
            if let partner = bySubject[head(text)]?.first, let other = unexpected[partner] {
                bySubject[head(text)]?.removeFirst()
                paired.insert(partner)
                let (before, after) = excerpts(text, other)
                texts.append("line \(line + offset + 1) changed: \(head(text))\n  - \(before)\n  + \(after)")
            } else {
                texts.append("line \(line + offset + 1) is missing:\n  - \(cut(text))")
            }
        }
        for (line, text) in unexpected.sorted(by: { $0.key < $1.key }) where !paired.contains(line) {
            guard texts.count < shown else { break }
            texts.append("line \(line + offset + 1) is not expected:\n  + \(cut(text))")
        }
        return texts
    }

    /// Type and subject of a fact's line: what stands before `occurred_at`.
    private static func head(_ line: String) -> String {
        guard let end = line.range(of: ",\"occurred_at\"") else { return cut(line) }
        return String(line[..<end.lowerBound]) + "}"
    }

    private static func cut(_ line: String) -> String { line.count <= width ? line : line.prefix(width) + "…" }

    /// Both lines around the first character in which they differ.
    private static func excerpts(_ a: String, _ b: String) -> (String, String) {
        let x = Array(a)
        let y = Array(b)
        let same = zip(x, y).prefix { $0 == $1 }.count
        let start = max(0, same - 40)
        func excerpt(_ line: [Character]) -> String {
            let end = min(line.count, start + width)
            return (start > 0 ? "…" : "") + String(line[min(start, line.count)..<end]) + (end < line.count ? "…" : "")
        }
        return (excerpt(x), excerpt(y))
    }
}
