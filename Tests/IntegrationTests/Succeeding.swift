import PrivateServer
import Testing

/// Runs the program, which must succeed.
/// - Returns: what it printed.
func succeed(_ clone: HubClone, _ words: String..., at line: SourceLocation = #_sourceLocation) throws -> String {
    let outcome = try clone.run(words)
    #expect(outcome.status == 0, "\(words): \(outcome.output)\(outcome.errors)", sourceLocation: line)
    return outcome.output
}
