import EventLog
import Foundation
import PostgresClient

/// The heads of the chain as the last complete `twinhub verify` found them, in a file outside the database: whoever rewrites
/// the log has to rewrite that too. Heads that are kept on another machine prove more.
package struct LastVerification: Codable, Sendable {
    package let at: Date
    /// When that log was made: the file may be of another one.
    let log: String
    package let heads: [ChainVerifier.Head]

    private static func path(_ home: HubHome) -> String { home.state + "/verified.json" }

    private static func log(on connection: Connection) throws(PostgresError) -> String {
        try connection.query("SELECT extract(epoch FROM created_at) FROM hub.log").text(0, 0) ?? ""
    }

    /// Notes that everything up to these heads was found to be in order.
    package static func note(_ heads: [ChainVerifier.Head], _ home: HubHome, on connection: Connection) throws {
        let this = LastVerification(at: Date(), log: try log(on: connection), heads: heads)
        try writePrivateText(String(decoding: try JSONEncoder().encode(this), as: UTF8.self), to: path(home))
    }

    /// nil where this log was never verified from here.
    static func read(_ home: HubHome, on connection: Connection) throws -> LastVerification? {
        guard let text = FileManager.default.contents(atPath: path(home)) else { return nil }
        let found = try JSONDecoder().decode(LastVerification.self, from: text)
        return try found.log == log(on: connection) ? found : nil
    }

    /// The heads that do not stand in the chain any more as they were noted. Reads no facts.
    func missing(on connection: Connection) throws(PostgresError) -> [ChainVerifier.Head] {
        var missing: [ChainVerifier.Head] = []
        for head in heads {
            let rows = try connection.query(
                """
                SELECT FROM hub.batch b JOIN hub.source s ON s.id = b.source_id
                 WHERE b.id = $1::bigint AND s.name = $2 AND encode(b.digest, 'hex') = $3
                """, [.int(head.batch), .text(head.source), .text(head.digest)])
            if rows.count == 0 { missing.append(head) }
        }
        return missing
    }
}
