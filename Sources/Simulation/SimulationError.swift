/// What went wrong in the simulator: what, where, and what to do about it.
///
/// The text never holds a generated value, so that it can be logged although the values are invented.
package struct SimulationError: Error, CustomStringConvertible, Sendable {
    /// Who has to act: the caller (configuration), nobody yet (transient), the owner of the input (data), or us (internal).
    package enum Kind: String, Sendable { case configuration, transient, data, `internal` }

    package let kind: Kind
    /// A full sentence.
    package let what: String
    /// A path, or the name of an option.
    package let location: String
    /// A full sentence: the next step.
    package let advice: String

    package init(_ kind: Kind, _ what: String, location: String, advice: String) {
        self.kind = kind
        self.what = what
        self.location = location
        self.advice = advice
    }

    package var description: String { "\(what) (\(location)) \(advice)" }
}
