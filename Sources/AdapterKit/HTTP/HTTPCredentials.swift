import Foundation
import RecordFormats

/// What the requests of an input carry that nobody else may see, read from where the manifest says.
struct HTTPCredentials {
    struct Value {
        let name: String
        let text: String
        let isSecret: Bool
    }

    enum Authentication {
        /// The whole value of the header.
        case header(SecretText)
        case client(tokenURL: HTTPAddress, id: String, secret: SecretText, scope: String?, inBody: Bool)
    }

    let query: [Value]
    let headers: [Value]
    let authentication: Authentication?
    /// Everything that is to be blotted out.
    let secrets: [String]

    /// Throws `configuration` where a secret is absent, or cannot stand in a header.
    init(_ input: Input.HTTP, _ places: Placeholders, environment: [String: String], folder: String) throws(AdapterError) {
        var secrets: [String] = []
        func secret(_ secret: Secret, _ what: String) throws(AdapterError) -> String {
            let text = try secret.text(what, environment: environment, folder: folder).revealed
            guard text.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value != 127 }) else {
                throw AdapterError(.configuration, "The secret for \(what) has more than one line, or holds control characters.")
            }
            secrets.append(text)
            return text
        }
        func values(_ settings: [(name: String, value: Input.HTTP.Setting)], _ what: String) throws(AdapterError) -> [Value] {
            var values: [Value] = []
            for (name, setting) in settings {
                switch setting {
                case .text(let text):
                    values.append(Value(name: name, text: places.fill(text), isSecret: false))
                case .secret(let place): values.append(Value(name: name, text: try secret(place, "the \(what) \(name)"), isSecret: true))
                }
            }
            return values
        }
        func text(_ setting: Input.HTTP.Setting, _ what: String) throws(AdapterError) -> String {
            switch setting {
            case .text(let text): text
            case .secret(let place): try secret(place, what)
            }
        }
        query = try values(input.query, "parameter")
        headers = try values(input.headers, "header")
        switch input.authentication {
        case nil: authentication = nil
        case .bearer(let token): authentication = .header(SecretText(revealed: "Bearer " + (try secret(token, "the bearer token"))))
        case .basic(let user, let password):
            let pair = Self.basic(try text(user, "the user"), try secret(password, "the password"))
            secrets.append(pair)
            authentication = .header(SecretText(revealed: "Basic " + pair))
        case .oauth2(let client):
            guard let url = HTTPAddress(client.tokenURL) else { throw AdapterError(.configuration, "\"token_url\" is no URL.") }
            let id = try text(client.id, "the client id")
            let key = try secret(client.secret, "the client secret")
            secrets.append(Self.basic(HTTPAddress.escaped(id), HTTPAddress.escaped(key)))
            authentication = .client(tokenURL: url, id: id, secret: SecretText(revealed: key), scope: client.scope, inBody: client.inBody)
        }
        self.secrets = secrets
    }

    /// The credentials of basic authentication (RFC 7617).
    static func basic(_ user: String, _ password: String) -> String { Data("\(user):\(password)".utf8).base64EncodedString() }
}
