import PostgresClient

/// Why a stream cannot go on, in terms that a service can act on. The SQLSTATEs are those of `hub.poll`, `hub.ack` and `hub.seek`.
package struct StreamError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Nobody has subscribed under this name (TH010).
        case unknownConsumer = "unknown_consumer"
        /// The log was restored to an older state than the consumer has read (TH011).
        case logRewound = "log_rewound"
        /// An acknowledgement of what was never handed out (TH012).
        case notDelivered = "not_delivered"
        /// The member was away longer than its lease, or the consumer was moved (TH013).
        case leaseLost = "lease_lost"
        /// What was to be read is kept no longer (TH014).
        case changesExpired = "changes_expired"
        /// A name, filter or place that has no meaning.
        case badRequest = "bad_request"
    }

    package let code: Code
    /// Full sentences: what, where, and what to do.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// From what one of the stream's functions raised; nil where it is another error.
    init?(_ error: PostgresError) {
        switch error.sqlState {
        case "TH010": code = .unknownConsumer
        case "TH011": code = .logRewound
        case "TH012": code = .notDelivered
        case "TH013": code = .leaseLost
        case "TH014": code = .changesExpired
        case "22023", "22007", "22008": code = .badRequest
        default: return nil
        }
        let text = error.message.prefix(1).uppercased() + error.message.dropFirst()
        message = text.hasSuffix(".") ? text : text + "."
    }

    package var description: String { message }

    /// Runs `body`, and gives errors of the stream's functions their own type.
    static func typed<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as PostgresError {
            throw StreamError(error) ?? error as any Error
        }
    }
}
