import Foundation

/// A URL whose query can be changed parameter by parameter; what is already escaped stays as it is.
struct HTTPAddress: Sendable, Hashable {
    /// Scheme, host and path.
    private let base: String
    /// Names and values, escaped.
    private var parameters: [Parameter] = []
    /// Where credentials may go: scheme, host and port.
    let origin: String
    let isEncrypted: Bool

    private struct Parameter: Sendable, Hashable {
        let name: String
        var value: String?
    }

    /// Nil where the text is no http or https URL with a host.
    init?(_ text: String, relativeTo address: HTTPAddress? = nil) {
        guard let url = URL(string: text, relativeTo: address.flatMap { URL(string: $0.text) })?.absoluteURL,
            var parts = URLComponents(url: url, resolvingAgainstBaseURL: true), let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil, parts.password == nil
        else { return nil }
        isEncrypted = scheme == "https"
        origin = "\(scheme)://\(host):\(parts.port ?? (isEncrypted ? 443 : 80))"
        parameters = (parts.percentEncodedQuery ?? "").split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Parameter(name: String(halves[0]), value: halves.count == 2 ? String(halves[1]) : nil)
        }
        parts.percentEncodedQuery = nil
        parts.fragment = nil
        guard let base = parts.string else { return nil }
        self.base = base
    }

    var text: String { text { _, value in value } }
    var url: URL? { URL(string: text) }

    func has(_ name: String) -> Bool { parameters.contains { $0.name == Self.escaped(name) } }

    /// Sets a parameter, in the place of the one that has this name.
    mutating func set(_ name: String, to value: String) {
        let name = Self.escaped(name)
        let value = Self.escaped(value)
        if let index = parameters.firstIndex(where: { $0.name == name }) {
            parameters[index].value = value
        } else {
            parameters.append(Parameter(name: name, value: value))
        }
    }

    /// With `[secret]` in the place of these parameters' values.
    func redacted(_ secrets: Set<String>) -> String {
        let names = Set(secrets.map(Self.escaped))
        return text { name, value in names.contains(name) ? "[secret]" : value }
    }

    private func text(_ value: (String, String) -> String) -> String {
        if parameters.isEmpty { return base }
        return base + "?" + parameters.map { parameter in parameter.value.map { "\(parameter.name)=\(value(parameter.name, $0))" } ?? parameter.name }
            .joined(separator: "&")
    }

    /// All but the unreserved characters of RFC 3986.
    static func escaped(_ text: String) -> String {
        var allowed = CharacterSet(charactersIn: "-._~")
        allowed.insert(charactersIn: "A"..."Z")
        allowed.insert(charactersIn: "a"..."z")
        allowed.insert(charactersIn: "0"..."9")
        return text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text
    }
}
