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
        let (differences, count) = FactDifference.describe(expected: expected, got: lines)
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
