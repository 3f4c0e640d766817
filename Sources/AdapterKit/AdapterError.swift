/// What an adapter, or the way to its source, got wrong.
///
/// The message is a whole sentence and names files, lines, columns and rules; it never holds a value of the source or a secret.
package struct AdapterError: Error, Sendable, Hashable {
    /// What the caller can do about it.
    package enum Kind: String, Sendable {
        /// The manifest, a setting or a right must be changed.
        case configuration
        /// Trying again may help.
        case transient
        /// The source delivered something that was not accepted.
        case data
        /// Too many of the source's records were refused.
        case refused
        /// A mistake in twinhub itself.
        case `internal`
    }

    package let kind: Kind
    package let message: String
    /// Path of the manifest or input, where there is one.
    package let file: String?
    /// 1-based.
    package let line: Int?
    /// 1-based, in characters.
    package let column: Int?
    /// What to do about it.
    package let hint: String?

    /// - Parameter message: a whole sentence without values of the source.
    package init(
        _ kind: Kind, _ message: String, file: String? = nil, line: Int? = nil, column: Int? = nil, hint: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.hint = hint
    }
}

extension AdapterError: CustomStringConvertible {
    /// `adapter.json5:12:5: message Hint.`
    package var description: String {
        var text = ""
        if let file {
            text = file
            if let line { text += ":\(line)" }
            if let column, line != nil { text += ":\(column)" }
            text += ": "
        }
        text += message
        if let hint { text += " " + hint }
        return text
    }
}
