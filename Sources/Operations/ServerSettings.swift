/// How the hub's own PostgreSQL is run. Given on its command line, so that nothing is written into the data folder
/// and a newer twinhub's settings hold from its next start.
enum ServerSettings {
    /// - Parameter isDurable: false for throw-away servers: nothing reaches the disk in time, and nobody minds.
    static func list(sockets: String, installation: PostgresInstallation, isDurable: Bool) -> [(String, String)] {
        var settings = [
            // No TCP. The socket lies in a folder that only its owner (and root) can enter.
            ("listen_addresses", ""),
            ("unix_socket_directories", sockets),
            ("unix_socket_permissions", "0700"),
            ("port", String(EmbeddedServer.port)),
            ("max_connections", "300"),
            ("TimeZone", "UTC"),
            // Two cores and a small office's memory.
            ("shared_buffers", isDurable ? "256MB" : "64MB"),
            ("max_wal_size", "4GB"),
            ("checkpoint_timeout", "15min"),
            ("random_page_cost", "1.1"),
            ("jit", "off"),
            // Others may follow by logical replication; who does not come back loses his slot before the disk is full.
            ("wal_level", "logical"),
            ("max_slot_wal_keep_size", "8GB"),
            ("wal_compression", installation.hasLZ4 ? "lz4" : "on"),
            // Many leaves of the log in one transaction.
            ("max_locks_per_transaction", "256"),
            // The server's log holds no rows: no statements, no DETAIL or CONTEXT, and no ERROR lines at all, since an
            // error's own text may quote a value ("invalid input syntax …"). The client that caused it gets the error.
            ("log_timezone", "UTC"),
            ("log_error_verbosity", "terse"),
            ("log_min_error_statement", "panic"),
            ("log_min_messages", "log"),
            ("log_statement", "none"),
            ("log_min_duration_statement", "-1"),
            ("log_parameter_max_length", "0"),
            ("log_parameter_max_length_on_error", "0"),
            ("log_checkpoints", "off"),
            ("log_autovacuum_min_duration", "-1"),
        ]
        if isDurable {
            settings += [("fsync", "on"), ("synchronous_commit", "on")]
        } else {
            settings += [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off")]
        }
        return settings
    }
}
