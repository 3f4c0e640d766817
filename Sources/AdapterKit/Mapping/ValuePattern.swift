import Foundation

/// A regular expression of a manifest or a contract (ICU's syntax: `NSRegularExpression`), whose work on one text is bounded: a pattern that would
/// go through a text exponentially often is stopped, whatever the source delivers.
final class ValuePattern: Sendable, Hashable {
    /// What became of a text.
    enum Outcome: Equatable {
        /// The first match: the first group, or all of it where the pattern has none; nil where that group took no part.
        case match(String?)
        case noMatch
        /// The text is longer than `longest`, or the pattern needed more than `stepsMax` steps for it.
        case tooHard
    }

    let text: String
    private let expression: NSRegularExpression

    /// Longer texts are not looked at, in UTF-16 units.
    private static let longest = 65_536
    /// ICU reports every ten thousand steps: so many reports, and the match is given up. About a tenth of a second.
    private static let reportsMax = 200

    /// Nil where the text is no regular expression.
    init?(_ text: String) {
        guard let expression = try? NSRegularExpression(pattern: text) else { return nil }
        self.text = text
        self.expression = expression
    }

    /// How many groups capture.
    var groups: Int { expression.numberOfCaptureGroups }

    /// Looks for the first match.
    func first(in text: String) -> Outcome {
        let length = text.utf16.count
        guard length <= Self.longest else { return .tooHard }
        var outcome = Outcome.noMatch
        var reports = 0
        expression.enumerateMatches(in: text, options: .reportProgress, range: NSRange(location: 0, length: length)) { match, _, stop in
            if let match {
                let range = match.range(at: match.numberOfRanges > 1 ? 1 : 0)
                outcome = .match(Range(range, in: text).map { String(text[$0]) })
                stop.pointee = true
            } else {
                reports += 1
                guard reports > Self.reportsMax else { return }
                outcome = .tooHard
                stop.pointee = true
            }
        }
        return outcome
    }

    static func == (a: ValuePattern, b: ValuePattern) -> Bool { a.text == b.text }
    func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
