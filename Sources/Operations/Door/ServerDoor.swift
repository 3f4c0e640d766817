import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Who may reach the hub's own server from other machines: nobody, unless a file beside its data says so.
///
/// Then the server listens on one address, by TLS alone, and lets in analysts and consumers with a password (SCRAM) from the networks that
/// are named. Nobody else: not its owner, not adapters, projectors or stewards, from wherever they come.
package struct ServerDoor: Sendable, Hashable, Codable {
    /// The address that it listens on: a name or number of this machine, `*` for all.
    package let address: String
    package let port: Int
    /// In CIDR notation: 10.1.0.0/16, 2001:db8::/32.
    package let networks: [String]

    /// - Throws: `configuration` where a network is none.
    package init(address: String, port: Int, networks: [String]) throws(OperationsError) {
        for network in networks where !Self.isNetwork(network) {
            throw OperationsError(.configuration, "'\(network)' is no network.", advice: "Write it as 10.1.0.0/16 or 2001:db8::/32; one machine is 10.1.2.3/32.")
        }
        guard !networks.isEmpty, !address.isEmpty, address.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:*".contains($0)) }) else {
            throw OperationsError(.configuration, "The door needs an address of this machine and the networks that may come.")
        }
        (self.address, self.port, self.networks) = (address, port, networks)
    }

    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]) else { return false }
        var four = in_addr(), six = in6_addr()
        if inet_pton(AF_INET, String(parts[0]), &four) == 1 { return (0...32).contains(length) }
        return inet_pton(AF_INET6, String(parts[0]), &six) == 1 && (0...128).contains(length)
    }

    /// Whether anybody on the net may come to the door.
    package var isForEveryone: Bool { networks.contains { $0.hasSuffix("/0") } }

    // MARK: Beside the server

    /// `folder` is the server's.
    static func file(in folder: String) -> String { folder + "/door.json" }
    static func rules(in folder: String) -> String { folder + "/door/pg_hba.conf" }
    /// What clients verify the server by (`sslrootcert`).
    package static func certificate(in folder: String) -> String { folder + "/door/server.crt" }
    static func key(in folder: String) -> String { folder + "/door/server.key" }

    /// The door that stands open; nil where there is none.
    package static func open(in folder: String) throws(OperationsError) -> ServerDoor? {
        guard let text = readText(file(in: folder)) else { return nil }
        guard let door = try? JSONDecoder().decode(ServerDoor.self, from: Data(text.utf8)) else {
            throw OperationsError(.configuration, "The file that says who may reach the server cannot be read.", where: file(in: folder),
                advice: "Run `twinhub server expose` again, or `twinhub server expose --off`.")
        }
        return door
    }

    /// Settings of PostgreSQL that open it.
    func settings(in folder: String) -> [(String, String)] {
        [
            ("listen_addresses", address), ("port", String(port)), ("hba_file", Self.rules(in: folder)), ("ssl", "on"),
            ("ssl_cert_file", Self.certificate(in: folder)), ("ssl_key_file", Self.key(in: folder)), ("ssl_min_protocol_version", "TLSv1.2"),
            ("password_encryption", "scram-sha-256"),
        ]
    }

    /// pg_hba.conf; the first line that fits decides.
    func rulesText(database: String) -> String {
        var lines = ["# Made by `twinhub server expose`. On the socket as before; its folder lets nobody else in.", "local all all trust", "local replication all trust"]
        // A steward is an analyst as well.
        for group in ["steward", "adapter", "projector"] { lines.append("hostssl all +\(database)_\(group) all reject") }
        for network in networks {
            for group in ["analyst", "consumer"] { lines.append("hostssl \(database) +\(database)_\(group) \(network) scram-sha-256") }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ServerControl {
    /// Opens the door, with a certificate of its own where none is given, and starts the server anew.
    /// - Parameters:
    ///   - certificate: PEM files of a certificate and its key, which are copied; nil makes one that is signed by itself, once.
    ///   - force: also while other twinhub processes use the server.
    package func expose(_ door: ServerDoor, certificate: (certificate: String, key: String)? = nil, force: Bool) throws(OperationsError) {
        let folder = home.server.folder
        try makeFolder(folder + "/door", mode: 0o700, owner: home.account)
        try certificate.map { files throws(OperationsError) in
            for (from, to) in [(files.certificate, ServerDoor.certificate(in: folder)), (files.key, ServerDoor.key(in: folder))] {
                guard let text = readText(from) else { throw OperationsError(.configuration, "The file cannot be read.", where: from) }
                try writePrivateText(text, to: to)
            }
        }
        if readText(ServerDoor.certificate(in: folder)) == nil {
            let made = try SelfSignedCertificate(names: [door.address, hostName()])
            try writePrivateText(made.certificate, to: ServerDoor.certificate(in: folder))
            try writePrivateText(made.key, to: ServerDoor.key(in: folder))
        }
        try writePrivateText(door.rulesText(database: EmbeddedServer.database), to: ServerDoor.rules(in: folder))
        for file in [ServerDoor.rules(in: folder), ServerDoor.certificate(in: folder), ServerDoor.key(in: folder)] {
            if let account = home.account, chown(file, account.userID, account.groupID) != 0 {
                throw OperationsError(.configuration, "The file cannot be given to '\(account.name)': \(systemMessage()).", where: file)
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let text = try? String(decoding: encoder.encode(door), as: UTF8.self) else { return }
        try restart(force: force) { () throws(OperationsError) in try writePrivateText(text + "\n", to: ServerDoor.file(in: folder)) }
    }

    /// Closes the door and starts the server anew. The certificate stays, for the next time.
    /// - Returns: false where it was closed.
    @discardableResult
    package func close(force: Bool) throws(OperationsError) -> Bool {
        let folder = home.server.folder
        guard readText(ServerDoor.file(in: folder)) != nil else { return false }
        try restart(force: force) { unlink(ServerDoor.file(in: folder)) }
        return true
    }

    /// A server that is reached from outside has to stay up.
    private func restart(force: Bool, _ change: () throws(OperationsError) -> Void) throws(OperationsError) {
        _ = try stop(force: force)
        try change()
        do {
            try pin()
        } catch {
            // Such as an address that this machine does not have: as it was before.
            unlink(ServerDoor.file(in: home.server.folder))
            try home.server.stop()
            throw OperationsError(error.kind, error.what, where: error.where, advice: error.advice + " The door is closed again.")
        }
    }

    private func hostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        return gethostname(&name, name.count - 1) == 0 ? String(cString: name) : "localhost"
    }
}
