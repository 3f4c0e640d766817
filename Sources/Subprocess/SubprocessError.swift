/// Why a program did not do what it was started for.
package struct SubprocessError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// The program is missing or may not be run.
        case configuration
        /// Trying again may help.
        case transient
        /// We were told to stop, and ended it.
        case cancelled
    }

    package let kind: Kind
    /// What failed, a full sentence. Never a word of the program's own, which may quote a value or a secret.
    package let what: String
    /// The program's name or path; empty where there is none.
    package let program: String

    package init(_ kind: Kind, _ what: String, program: String = "") {
        self.kind = kind
        self.what = what
        self.program = program
    }

    package var description: String { program.isEmpty ? what : "\(what) (\(program))" }
}
