import EventLog
import Operations
import PostgresClient

// Which error ends the program with which exit code: one conformance a module, so that the modules know nothing of exit codes.

extension OperationsError: CommandFailure {
    var exitCode: ExitCode {
        switch kind {
        case .configuration: .configuration
        case .transient: .temporary
        case .data, .internal: .failure
        }
    }

    var explanation: String { description }
}

extension PostgresError: CommandFailure {
    var exitCode: ExitCode {
        switch kind {
        case .configuration: .configuration
        case .transient: .temporary
        case .data, .internal: .failure
        }
    }

    var explanation: String { description }
}

extension LogError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .leaseHeld, .leaseLost, .expectedPosition, .sealingChanged, .replayConflict: .temporary
        case .migrationChanged, .migrationMissing, .migrationOutOfOrder, .notMigrated, .unknownSource, .badName, .badLeaf, .archived,
            .badArchive:
            .configuration
        case .unknownEventType, .noUpcaster, .cryptography: .failure
        }
    }

    var explanation: String { description }
}
