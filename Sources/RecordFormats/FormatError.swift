/// The one error of this module: what went wrong, where, and what to do about it.
///
/// Messages are full sentences and never contain a value of the input.
package struct FormatError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Who can repair it.
    package enum Kind: String, Sendable {
        /// The declaration or the environment is wrong: a path, an encoding's name, a pointer.
        case configuration
        /// It may pass by itself: the device did not answer.
        case transient
        /// The input is not what its format says.
        case data
        /// A mistake in this program.
        case `internal`
    }

    /// Who can repair it.
    package let kind: Kind
    /// The broken rule, one of `Rule`'s names, where the error is about a piece of input.
    package let rule: String?
    /// A full sentence that says what is wrong.
    package let what: String
    /// The file or other origin, where known.
    package var file: String?
    /// The 1-based line, where known.
    package var line: Int?
    /// The 1-based column in Unicode scalars, where known.
    package var column: Int?
    /// The 0-based byte offset in what was parsed, where known.
    package var offset: Int?
    /// A full sentence that says what to do, where there is something to do.
    package let advice: String?

    /// Creates an error.
    package init(
        _ kind: Kind, rule: String? = nil, _ what: String, file: String? = nil, line: Int? = nil,
        column: Int? = nil, offset: Int? = nil, advice: String? = nil
    ) {
        self.kind = kind
        self.rule = rule
        self.what = what
        self.file = file
        self.line = line
        self.column = column
        self.offset = offset
        self.advice = advice
    }

    /// `file:line:column: what advice`, leaving out what is not known.
    package var description: String {
        var place = file ?? ""
        if let line {
            place += place.isEmpty ? "line \(line)" : ":\(line)"
            if let column { place += place.hasPrefix("line") ? ", column \(column)" : ":\(column)" }
        }
        var sentence = place.isEmpty ? what : "\(place): \(what)"
        if let advice { sentence += " " + advice }
        return sentence
    }
}
