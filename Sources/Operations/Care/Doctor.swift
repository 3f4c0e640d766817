import EventLog
import Foundation
import PostgresClient

/// Looks at everything that can be wrong with a hub. Writes nothing.
package enum Doctor {
    package enum State: String, Sendable, Codable, Comparable {
        case ok
        /// Does not apply here, or could not be looked at for a reason that another finding tells.
        case skipped
        case warning
        case critical

        private var weight: Int { [.ok: 0, .skipped: 0, .warning: 1, .critical: 2][self] ?? 0 }
        package static func < (a: State, b: State) -> Bool { a.weight < b.weight }
    }

    /// What one look found: a state and what was seen, a full sentence or a figure.
    package struct Sight: Sendable {
        let state: State
        let seen: String

        static func ok(_ seen: String) -> Sight { Sight(state: .ok, seen: seen) }
        static func skipped(_ seen: String) -> Sight { Sight(state: .skipped, seen: seen) }
        static func warning(_ seen: String) -> Sight { Sight(state: .warning, seen: seen) }
        static func critical(_ seen: String) -> Sight { Sight(state: .critical, seen: seen) }

        /// Critical from one limit on, a warning from a lower one on.
        static func rising(_ value: Double, warning: Double, critical: Double, _ seen: String) -> Sight {
            Sight(state: value >= critical ? .critical : value >= warning ? .warning : .ok, seen: seen)
        }
    }

    /// One thing that can be wrong: a row of the table of conditions.
    package struct Condition: Sendable {
        enum Need: Sendable {
            case nothing, server
            /// The hub's schema.
            case log
        }

        package let name: String
        let needs: Need
        package let remedy: String
        let look: @Sendable (Examination) throws -> Sight
    }

    /// What is looked at.
    package struct Examination {
        package let home: HubHome
        /// Of the hub's owner; nil where the server cannot be reached.
        package var connection: Connection?
        /// Why it cannot.
        package var refusal: String?
        /// Whether the server is the hub's own: its disk is this machine's.
        package var isEmbedded: Bool
        package var limits = Limits()
        package var environment: [String: String]
        /// This machine's clock.
        package var clock: @Sendable () -> Date = { Date() }
        /// Of the client's library.
        package var libraryVersion = Connection.libraryVersion

        package init(
            _ home: HubHome, connection: Connection?, refusal: String? = nil, isEmbedded: Bool,
            environment: [String: String] = ProcessInfo.processInfo.environment
        ) {
            self.home = home
            self.connection = connection
            self.refusal = refusal
            self.isEmbedded = isEmbedded
            self.environment = environment
        }

        /// The connection that a condition with a need was promised.
        func server() throws(OperationsError) -> Connection {
            guard let connection else { throw OperationsError(.internal, "A condition looked for the server without saying that it needs it.") }
            return connection
        }
    }

    /// From where on something is wrong; tests set others.
    package struct Limits: Sendable {
        package var daysOfDisk = (warning: 30.0, critical: 7.0)
        /// Free positions in partitions that are there already, as shares of a partition.
        package var headroom = (warning: 1.0, critical: 0.1)
        package var verifiedDays = 35.0
        package var appender_s = (warning: 60.0, critical: 600.0)
        package var idle_s = (warning: 300.0, critical: 3600.0)
        package var projector_s = (warning: 600.0, critical: 3600.0)
        package var consumer_s = (warning: 3600.0, critical: 86_400.0)
        /// A source is stale after so many of its usual intervals; one that was pulled once, after so many days.
        package var sourceIntervals = 3.0
        package var sourceSilence_days = 7.0
        package var sourceSilence_s_min = 3600.0
        package var refusedShare = (warning: 0.05, critical: 0.5)
        package var refusedRows_min = 20.0
        package var backupDays = (warning: 8.0, critical: 35.0)
        package var rehearsalDays = 100.0
        package var clock_s = (warning: 5.0, critical: 60.0)
        /// PostgreSQL starts to freeze at 200 million and stops at 2 billion.
        package var transactionAge = (warning: 500e6, critical: 1500e6)
        package var slotBytes = (warning: 1e9, critical: 10e9)
        package var connectionShare = (warning: 0.8, critical: 0.95)
        package init() {}
    }

    package struct Finding: Sendable, Hashable, Codable {
        package let condition: String
        package let state: State
        package let seen: String
        /// What to do; nil where nothing is wrong.
        package let remedy: String?
    }

    /// Every condition, in the order in which they are shown.
    package static let conditions = serverConditions + machineConditions + personalConditions + logConditions + flowConditions + streamConditions

    /// Looks at every condition. One that cannot be looked at is a finding, not an error.
    package static func examine(_ examination: Examination, conditions: [Condition] = conditions) -> [Finding] {
        let hasLog = (try? examination.connection?.query("SELECT to_regclass('hub.log') IS NOT NULL").bool(0, 0)) ?? false
        return conditions.map { condition in
            let sight: Sight
            if condition.needs != .nothing, examination.connection == nil {
                sight = .skipped("The server cannot be reached.")
            } else if condition.needs == .log, !hasLog {
                sight = .skipped("The database has no log yet.")
            } else {
                do {
                    sight = try condition.look(examination)
                } catch {
                    sight = .warning("It could not be looked at: \(error)")
                }
            }
            return Finding(
                condition: condition.name, state: sight.state, seen: sight.seen, remedy: sight.state > .ok ? condition.remedy : nil)
        }
    }
}

/// 40 s, 12 min, 5 h, 3 days: for what was seen.
func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<100: "\(Int(seconds)) s"
    case ..<6_000: "\(Int(seconds / 60)) min"
    case ..<172_800: "\(Int(seconds / 3_600)) h"
    default: "\(Int(seconds / 86_400)) days"
    }
}
