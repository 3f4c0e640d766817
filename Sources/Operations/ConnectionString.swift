import Foundation

/// A libpq connection string, read and written (PostgreSQL documentation, section "Connection Strings"):
/// `host=… dbname=…` with quoted values, or a `postgresql://` URI.
package struct ConnectionString: Sendable, Hashable {
    /// By libpq's keywords: host, port, dbname, user, password, …
    package var settings: [String: String]

    package init(_ settings: [String: String]) { self.settings = settings }

    /// - Throws: a configuration error that does not repeat the string: it may hold a password.
    package init(parsing text: String) throws(OperationsError) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isURI = trimmed.hasPrefix("postgresql://") || trimmed.hasPrefix("postgres://")
        guard let settings = isURI ? Self.readURI(trimmed) : Self.readKeywords(trimmed), !settings.isEmpty else {
            throw OperationsError(
                .configuration, "The database's connection string cannot be understood.", where: "TWINHUB_DATABASE",
                advice: "Write it as 'host=… dbname=… user=…' or as 'postgresql://user@host/database'.")
        }
        self.settings = settings
    }

    /// The keyword form, keys sorted, every value quoted.
    package var text: String {
        settings.sorted { $0.key < $1.key }.map { key, value in
            key + "='" + value.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "'", with: "\\'") + "'"
        }.joined(separator: " ")
    }

    private static func readKeywords(_ text: String) -> [String: String]? {
        var settings: [String: String] = [:]
        var rest = text[...]
        while true {
            rest = rest.drop(while: \.isWhitespace)
            if rest.isEmpty { return settings }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest[..<equals].trimmingCharacters(in: .whitespaces)
            guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0 == "_" }) else { return nil }
            rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
            let quoted = rest.first == "'"
            if quoted { rest.removeFirst() }
            var value = ""
            var closed = !quoted
            while let character = rest.first {
                if quoted ? character == "'" : character.isWhitespace { closed = true; break }
                rest.removeFirst()
                if character == "\\", let escaped = rest.popFirst() { value.append(escaped) } else { value.append(character) }
            }
            guard closed else { return nil }
            if quoted { rest.removeFirst() }
            settings[key] = value
        }
    }

    /// scheme://[user[:password]@][host[:port][,…]][/dbname][?key=value&…], each part percent-encoded.
    private static func readURI(_ text: String) -> [String: String]? {
        guard let scheme = text.range(of: "://") else { return nil }
        var settings: [String: String] = [:]
        let parts = text[scheme.upperBound...].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var place = parts[0]
        if let slash = place.firstIndex(of: "/") {
            let name = place[place.index(after: slash)...]
            if !name.isEmpty { settings["dbname"] = name.removingPercentEncoding }
            place = place[..<slash]
        }
        if let at = place.lastIndex(of: "@") {
            let account = place[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if let user = account.first, !user.isEmpty { settings["user"] = user.removingPercentEncoding }
            if account.count == 2 { settings["password"] = account[1].removingPercentEncoding }
            place = place[place.index(after: at)...]
        }
        var hosts: [String] = []
        var ports: [String] = []
        for item in place.split(separator: ",", omittingEmptySubsequences: true) {
            // An IPv6 address stands in brackets.
            let end = item.first == "[" ? item.firstIndex(of: "]") ?? item.startIndex : item.startIndex
            let colon = item[end...].firstIndex(of: ":")
            let host = String(item[..<(colon ?? item.endIndex)]).trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
            guard let decoded = host.removingPercentEncoding else { return nil }
            hosts.append(decoded)
            ports.append(colon.map { String(item[item.index(after: $0)...]) } ?? "")
        }
        if hosts.contains(where: { !$0.isEmpty }) { settings["host"] = hosts.joined(separator: ",") }
        if ports.contains(where: { !$0.isEmpty }) { settings["port"] = ports.joined(separator: ",") }
        if parts.count == 2 {
            for pair in parts[1].split(separator: "&") {
                let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, let key = sides[0].removingPercentEncoding, let value = sides[1].removingPercentEncoding
                else { return nil }
                settings[key] = value
            }
        }
        return settings
    }
}
