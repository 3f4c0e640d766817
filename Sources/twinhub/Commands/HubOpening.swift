import EventLog
import Operations
import PostgresClient

extension Context {
    /// The hub's folders: TWINHUB_HOME, else the current folder.
    func home() throws -> HubHome { try HubHome.current(environment: environment) }

    /// The hub's database, ready for connections as long as the returned object lives (`withExtendedLifetime`, or keep it
    /// in a `let` that is used at the end). Steps that take seconds are told on standard error.
    func openHub() throws -> Hub {
        let err = err
        return try Hub.open(home(), environment: environment) { err.line("twinhub: \($0) …") }
    }
}

extension Hub {
    /// A connection of the hub's owner, to a schema that is up to date.
    func connectAsOwner(application: String = "twinhub") throws -> Connection {
        let connection = try Connection(conninfo, application: application)
        try Migrations.check(on: connection)
        return connection
    }

    /// A connection under the role of the hub's own source, whose facts are stewards' decisions.
    func decider(_ owner: Connection) throws -> Connection {
        var source = try Sources.register(ErasureLog.source, on: owner, decides: true)
        if !isEmbedded {
            source = try Sources.register(ErasureLog.source, on: owner, password: home.password(ofRole: source.role), decides: true)
        }
        return try Connection(conninfo(user: source.role), application: "twinhub decisions")
    }
}
