import Subprocess

/// What stands in the way of the hub's server, folders or processes.
package struct OperationsError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// Something on this machine or in the environment has to be put right.
        case configuration
        /// Trying again may help.
        case transient
        /// What was stored is not what comes back.
        case data
        /// A mistake in twinhub.
        case `internal`
    }

    package let kind: Kind
    /// What failed, a full sentence.
    package let what: String
    /// The file, folder or program concerned; empty where there is none.
    package let `where`: String
    /// What to do about it, a full sentence; empty where nothing can be said.
    package let advice: String

    package init(_ kind: Kind, _ what: String, where place: String = "", advice: String = "") {
        self.kind = kind
        self.what = what
        self.where = place
        self.advice = advice
    }

    package var description: String {
        [what, self.where.isEmpty ? "" : "(\(self.where))", advice].filter { !$0.isEmpty }.joined(separator: " ")
    }
}

extension OperationsError {
    /// A program that could not be started, or failed.
    init(_ error: SubprocessError) {
        self.init(error.kind == .configuration ? .configuration : .transient, error.what, where: error.program)
    }
}

/// Starts programs; what stands in their way is this module's error.
func starting<T>(_ body: () throws(SubprocessError) -> T) throws(OperationsError) -> T {
    do throws(SubprocessError) { return try body() } catch { throw OperationsError(error) }
}
