import Foundation
import RecordFormats

extension Input {
    /// The records in the bodies that an HTTP server answers with.
    package struct HTTP: Sendable {
        /// A part of a request that may be a secret.
        typealias Setting = Program.Setting

        /// How the requests say who asks.
        enum Authentication: Sendable {
            /// RFC 6750.
            case bearer(Secret)
            /// RFC 7617.
            case basic(user: Setting, password: Secret)
            /// Client credentials (RFC 6749, section 4.4): a bearer token of the token URL.
            case oauth2(Client)
        }

        /// A client of an OAuth 2 server.
        struct Client: Sendable {
            let tokenURL: String
            let id: Setting
            let secret: Secret
            let scope: String?
            /// Whether the credentials stand in the body of the request, not in the header of basic authentication.
            let inBody: Bool
        }

        /// How a list that is delivered in pieces goes on.
        enum Pages: Sendable {
            /// `?page=1`, `?page=2` …; ends with a page that is empty or shorter than `size`.
            case number(parameter: String, first: Int, size: Int?, sizeParameter: String?)
            /// `?offset=0`, `?offset=100` …
            case offset(parameter: String, size: Int, sizeParameter: String?)
            /// The value at a pointer into the body is the parameter of the next request; ends where there is none.
            case cursor(parameter: String, from: String)
            /// The header `Link: <url>; rel="next"` (RFC 8288).
            case link
            /// The value at a pointer into the body is the next URL.
            case nextURL(from: String)
        }

        /// Where the source says how many records it has.
        enum Total: Sendable {
            case pointer(String)
            case header(String)
        }

        let url: String
        let query: [(name: String, value: Setting)]
        let headers: [(name: String, value: Setting)]
        let authentication: Authentication?
        package let format: Format
        /// Encoding of formats other than CSV, where it is not UTF-8.
        let encoding: String?
        var pages: Pages?
        /// More pages than that are taken for an endless list.
        let mostPages: Int
        var expectTotal: Total?
        /// What `{cursor}` stands for before anything was read.
        let start: String
        /// The shortest time between two requests, in seconds.
        let interval_s: Double
        /// How often one request is sent.
        var attempts: Int
        /// For how long all requests of a pull together may take, waiting included, in seconds.
        let within_s: Int
        /// For how long a server may send nothing, in seconds.
        let timeout_s: Int
        /// Whether the charset of Content-Type is passed over.
        let ignoresCharset: Bool
        /// Whether an answer whose end nobody can tell from a broken connection is taken for whole.
        let acceptsUnknownLength: Bool
        package let samples: Samples?
    }
}

extension InputParsing {
    private static let httpKeys = [
        "kind", "url", "query", "headers", "auth", "format", "pages", "expect_total", "start", "rate", "attempts", "within", "timeout",
        "ignore_charset", "accept_unknown_length", "ca_file", "samples", "cursor",
    ]

    func http(_ value: LocatedValue) throws(AdapterError) -> Input.HTTP {
        let object = try ManifestObject(value, "an http input", file: file, known: Self.httpKeys)
        if let place = object["ca_file"] {
            throw object.fault(
                "\"ca_file\" cannot be followed: Foundation trusts the system's certificates alone.", at: place,
                hint: "Put the certificate into /usr/local/share/ca-certificates, run update-ca-certificates, and leave ca_file out.")
        }
        let url = try self.url(try object.required("url"), "\"url\" of an http input", object)
        let (format, encoding) = try format(try object.required("format"))
        if case .xlsx = format { throw object.fault("A workbook cannot be read from a server.", at: try object.required("format"), hint: "Fetch it with an input of the kind command.") }
        let pages = try object["pages"].map { value throws(AdapterError) in try self.pages(value) }
        let total = try expectTotal(object)
        let isJSON: Bool =
            switch format {
            case .json, .geojson: true
            default: false
            }
        for (name, needsBody) in [("pages", pages?.kind.readsBody ?? false), ("expect_total", total?.readsBody ?? false)] where needsBody && !isJSON {
            throw object.fault("\"\(name)\" leads into the body, and that is no JSON document.", at: try object.required(name))
        }
        return Input.HTTP(
            url: url, query: try settings("query", object), headers: try headers(object), authentication: try authentication(object),
            format: format, encoding: encoding, pages: pages?.kind, mostPages: pages?.most ?? 10_000, expectTotal: total,
            start: try object.string("start") ?? "", interval_s: try interval_s(object), attempts: try object.integer("attempts") ?? 6,
            within_s: try object.duration_s("within") ?? 3600, timeout_s: try object.duration_s("timeout") ?? 60,
            ignoresCharset: try object.bool("ignore_charset") ?? false, acceptsUnknownLength: try object.bool("accept_unknown_length") ?? false,
            samples: try samples(object, format: format, encoding: encoding))
    }

    private func url(_ value: LocatedValue, _ what: String, _ object: ManifestObject) throws(AdapterError) -> String {
        let text = try object.text(of: value, what)
        let plain = Placeholders(cursor: "0", until: "0").fill(text)
        guard let parts = URLComponents(string: plain), ["http", "https"].contains(parts.scheme?.lowercased() ?? ""), parts.host?.isEmpty == false,
            parts.fragment == nil
        else { throw object.fault("\(what) must begin http:// or https:// and name a host.", at: value) }
        guard parts.user == nil, parts.password == nil else {
            throw object.fault("\(what) holds a user or a password.", at: value, hint: "Use \"auth\" with { secret: \"env:NAME\" }.")
        }
        return text
    }

    /// Names with a text or a secret each.
    private func settings(_ key: String, _ object: ManifestObject) throws(AdapterError) -> [(name: String, value: Input.HTTP.Setting)] {
        guard let value = object[key] else { return [] }
        var settings: [(name: String, value: Input.HTTP.Setting)] = []
        for member in try ManifestObject(value, "\"\(key)\" of an http input", file: file, known: nil).all {
            settings.append((member.name, try setting(member.value, "\"\(member.name)\" of \"\(key)\"", object)))
        }
        return settings
    }

    private func setting(_ value: LocatedValue, _ what: String, _ object: ManifestObject) throws(AdapterError) -> Input.HTTP.Setting {
        if case .object = value.node { return .secret(try object.secret(value, what)) }
        if case .number(let digits) = value.node { return .text(digits) }
        return .text(try object.text(of: value, what))
    }

    private func headers(_ object: ManifestObject) throws(AdapterError) -> [(name: String, value: Input.HTTP.Setting)] {
        let headers = try settings("headers", object)
        for header in headers {
            let isToken = !header.name.isEmpty && header.name.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
            let isOurs = ["authorization", "host", "content-length", "if-none-match", "if-modified-since"].contains(header.name.lowercased())
            guard isToken, !isOurs else {
                throw object.fault(
                    "\"\(header.name)\" cannot be set as a header.", at: try object.required("headers"), hint: "For Authorization use \"auth\".")
            }
        }
        return headers
    }

    private func authentication(_ object: ManifestObject) throws(AdapterError) -> Input.HTTP.Authentication? {
        guard let value = object["auth"] else { return nil }
        let kinds = ["bearer", "basic", "oauth2"]
        let auth = try ManifestObject(value, "\"auth\"", file: file, known: kinds)
        guard auth.all.count == 1, let one = auth.all.first else { throw auth.fault("\"auth\" is one of \(kinds.joined(separator: ", ")).", at: value) }
        switch one.name {
        case "bearer": return .bearer(try auth.secret(one.value, "\"bearer\""))
        case "basic":
            let basic = try ManifestObject(one.value, "\"basic\"", file: file, known: ["user", "password"])
            return .basic(
                user: try setting(try basic.required("user"), "\"user\"", basic), password: try basic.secret(try basic.required("password"), "\"password\""))
        default:
            let client = try ManifestObject(one.value, "\"oauth2\"", file: file, known: ["token_url", "client_id", "client_secret", "scope", "client_auth"])
            let inBody = try client.word("client_auth", of: ["header", "body"]) == "body"
            return .oauth2(
                Input.HTTP.Client(
                    tokenURL: try url(try client.required("token_url"), "\"token_url\"", client),
                    id: try setting(try client.required("client_id"), "\"client_id\"", client),
                    secret: try client.secret(try client.required("client_secret"), "\"client_secret\""), scope: try client.string("scope"), inBody: inBody))
        }
    }

    private func pages(_ value: LocatedValue) throws(AdapterError) -> (kind: Input.HTTP.Pages, most: Int) {
        let any = try ManifestObject(value, "\"pages\"", file: file, known: nil)
        let own: [String: [String]] = [
            "page": ["parameter", "first", "size", "size_parameter"], "offset": ["parameter", "size", "size_parameter"],
            "cursor": ["parameter", "from"], "link": [], "next_url": ["from"],
        ]
        guard let by = try any.word("by", of: ["page", "offset", "cursor", "link", "next_url"]) else {
            throw any.fault("\"by\" is missing in \"pages\": page, offset, cursor, link or next_url.", at: value)
        }
        let pages = try ManifestObject(value, "\"pages\" by \(by)", file: file, known: ["by", "most"] + (own[by] ?? []))
        let most = try pages.integer("most") ?? 10_000
        switch by {
        case "page":
            var first = 1
            if let value = pages["first"] {
                guard case .number(let digits) = value.node, let number = Int(digits), number >= 0 else {
                    throw pages.fault("\"first\" of \"pages\" must be a whole number.", at: value)
                }
                first = number
            }
            return (
                .number(
                    parameter: try pages.requiredString("parameter"), first: first, size: try pages.integer("size"),
                    sizeParameter: try pages.string("size_parameter")), most
            )
        case "offset":
            guard let size = try pages.integer("size") else { throw pages.fault("\"size\" is missing in \"pages\" by offset.", at: value) }
            return (.offset(parameter: try pages.requiredString("parameter"), size: size, sizeParameter: try pages.string("size_parameter")), most)
        case "cursor": return (.cursor(parameter: try pages.requiredString("parameter"), from: try pointer("from", pages)), most)
        case "link": return (.link, most)
        default: return (.nextURL(from: try pointer("from", pages)), most)
        }
    }

    private func pointer(_ key: String, _ object: ManifestObject) throws(AdapterError) -> String {
        let text = try object.requiredString(key)
        guard text.hasPrefix("/") else {
            throw object.fault("\"\(key)\" of \(object.title) must be a JSON pointer such as \"/meta/next\".", at: try object.required(key))
        }
        return text
    }

    private func expectTotal(_ object: ManifestObject) throws(AdapterError) -> Input.HTTP.Total? {
        guard let value = object["expect_total"] else { return nil }
        guard case .object = value.node else { return .pointer(try pointer("expect_total", object)) }
        return .header(try ManifestObject(value, "\"expect_total\"", file: file, known: ["header"]).requiredString("header"))
    }

    /// `"5/s"`, `"100/m"`, `"1000/h"`.
    private func interval_s(_ object: ManifestObject) throws(AdapterError) -> Double {
        guard let text = try object.string("rate") else { return 0 }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let units = ["s": 1.0, "m": 60, "h": 3600, "d": 86_400]
        guard parts.count == 2, let count = Double(parts[0]), count > 0, let unit = units[String(parts[1])] else {
            throw object.fault("\"rate\" of an http input must be requests per time, such as \"5/s\" (s, m, h, d).", at: try object.required("rate"))
        }
        return unit / count
    }
}

extension Input.HTTP.Pages {
    /// Whether the next page stands in the body.
    var readsBody: Bool {
        switch self {
        case .cursor, .nextURL: true
        case .number, .offset, .link: false
        }
    }
}

extension Input.HTTP.Total {
    var readsBody: Bool { if case .pointer = self { true } else { false } }
}

extension Input.HTTP {
    /// Throws where a stream cannot know what is new, or what vanished, of a list that comes in pages.
    func requirePagesFit(_ mode: Stream.Mode, _ removed: Stream.Removed?, _ stream: ManifestObject) throws(AdapterError) {
        guard pages != nil else { return }
        if mode == .append {
            throw stream.fault(
                "Mode append does not go with \"pages\": nobody knows which of them are new.", at: stream.value, hint: "Use mode incremental.")
        }
        if let removed, removed.maxRatio == nil, expectTotal == nil {
            throw stream.fault(
                "\"removed\" of a stream that comes in pages needs \"max_ratio\", or \"expect_total\" in its input: a list that ends too early looks like one that is whole.",
                at: try stream.required("removed"))
        }
    }
}
