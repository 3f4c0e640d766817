import Foundation
import RecordFormats

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The requests of one pull: credentials, pace, redirects, and what is tried again.
///
/// Credentials and the manifest's headers go to the origin (scheme, host, port) of the manifest's URL alone, wherever a redirect or a link leads.
final class HTTPClient {
    private let input: Input.HTTP
    private let context: InputContext
    private let credentials: HTTPCredentials
    private let origin: String
    private let session = HTTPSession()
    private var blotter: SecretBlotter
    private let begun: Double
    private var lastRequest: Double?
    private var token: (text: SecretText, until: Double)?

    private static let mostRedirects = 5
    /// Full jitter: a random part of 1, 2, 4 … seconds, at most of a minute.
    private static let longestPause_s = 60.0

    /// Where the requests begin; the parameters of the manifest are in it.
    let first: HTTPAddress

    init(_ input: Input.HTTP, _ places: Placeholders, in context: InputContext, folder: String) throws(AdapterError) {
        self.input = input
        self.context = context
        credentials = try HTTPCredentials(input, places, environment: context.environment, folder: folder)
        blotter = SecretBlotter(credentials.secrets)
        guard var first = HTTPAddress(places.fill(input.url, escape: HTTPAddress.escaped)) else { throw AdapterError(.configuration, "\"url\" is no URL once the cursor stands in it.") }
        // A parameter without a value is left out: nothing was read yet, and the manifest names no start.
        for value in credentials.query where !value.text.isEmpty { first.set(value.name, to: value.text) }
        self.first = first
        origin = first.origin
        begun = context.httpClock.now()
    }

    deinit { session.end() }

    /// What batches, quarantine and errors call an address.
    func name(of address: HTTPAddress) -> String {
        blotter.blot(address.redacted(Set(credentials.query.filter(\.isSecret).map(\.name))))
    }

    /// The answer to GET, 200 or 304, however often it has to be tried.
    /// - Parameters:
    ///   - conditions: headers that make it a conditional request.
    ///   - restart: called before each try; what `take` got before does not count.
    ///   - take: gets the body, on another thread.
    func get(
        _ address: HTTPAddress, conditions: [String: String] = [:], restart: () throws -> Void, take: @escaping ([UInt8]) throws -> Void
    ) throws -> HTTPAnswer {
        var target = address
        var failures = 0
        var redirects = 0
        var hasRenewed = false
        while true {
            let answer: HTTPAnswer
            do {
                try restart()
                // First the pace: a token that is valid now may not be after it.
                try pace(target)
                answer = try send(try request(target, conditions), to: target, take: take)
            } catch let fault as Temporary {
                failures += 1
                try pause(after: fault, failures: failures, nil)
                continue
            }
            switch answer.status {
            case 200: return answer
            case 304 where !conditions.isEmpty: return answer
            case 301, 302, 303, 307, 308:
                redirects += 1
                target = try redirected(answer, from: target, redirects)
            case 401 where !hasRenewed && token != nil:
                hasRenewed = true
                token = nil
            case 408, 425, 429, 500, 502, 503, 504:
                failures += 1
                let after = answer.headers["retry-after"].flatMap { RetryAfter.seconds($0, now: context.httpClock.now()) }
                try pause(after: Temporary(fault(.transient, "The server answered \(answer.status).", target)), failures: failures, after)
            default: throw refusal(answer.status, target)
            }
        }
    }

    /// A fault that may pass: the request is sent again.
    private struct Temporary: Error {
        let fault: AdapterError

        init(_ fault: AdapterError) { self.fault = fault }
    }

    /// Waits until the next request may be sent.
    private func pace(_ address: HTTPAddress) throws {
        let clock = context.httpClock
        if let lastRequest { try wait(lastRequest + input.interval_s - clock.now()) }
        guard clock.now() - begun <= Double(input.within_s) else {
            throw fault(.transient, "The requests of this pull took more than \(input.within_s) seconds.", address, hint: "See \"within\" of the input.")
        }
    }

    private func send(_ request: URLRequest, to address: HTTPAddress, take: @escaping ([UInt8]) throws -> Void) throws -> HTTPAnswer {
        try pace(address)
        lastRequest = context.httpClock.now()
        do throws(HTTPFailure) {
            return try session.send(request, timeout_s: input.timeout_s, isCancelled: context.isCancelled, take: take)
        } catch {
            switch error {
            case .cancelled: throw RunCancelled()
            case .sink(let error): throw error
            case .silent(let seconds): throw Temporary(fault(.transient, "The server sent nothing for \(seconds) seconds.", address))
            case .cut: throw Temporary(fault(.transient, "The answer was cut off: the connection ended before its body did.", address))
            case .broken(let why): throw Temporary(fault(.transient, "The server cannot be reached: \(why).", address))
            case .untrusted(let why):
                throw fault(
                    .configuration, "The server's certificate is not trusted: \(why).", address,
                    hint: "Check the host's name, and that its authority is among the system's certificates.")
            }
        }
    }

    private func request(_ address: HTTPAddress, _ conditions: [String: String]) throws -> URLRequest {
        var address = address
        let isOurs = address.origin == origin
        if isOurs { for value in credentials.query where value.isSecret && !address.has(value.name) { address.set(value.name, to: value.text) } }
        guard let url = address.url else { throw fault(.data, "The address is no URL.", address) }
        var request = URLRequest(url: url)
        for (name, value) in conditions { request.setValue(value, forHTTPHeaderField: name) }
        guard isOurs else { return request }
        for value in credentials.headers { request.setValue(value.text, forHTTPHeaderField: value.name) }
        switch credentials.authentication {
        case nil: break
        case .header(let header): request.setValue(header.revealed, forHTTPHeaderField: "Authorization")
        case .client(let tokenURL, let id, let secret, let scope, let inBody):
            let token = try newToken(tokenURL, id, secret, scope, inBody: inBody)
            request.setValue("Bearer " + token.revealed, forHTTPHeaderField: "Authorization")
        }
        return request
    }

    private func redirected(_ answer: HTTPAnswer, from address: HTTPAddress, _ count: Int) throws -> HTTPAddress {
        guard count <= Self.mostRedirects else { throw fault(.data, "The server redirects more than \(Self.mostRedirects) times.", address) }
        guard let text = answer.headers["location"], let next = HTTPAddress(text, relativeTo: address) else {
            throw fault(.data, "The server redirects (\(answer.status)) without an address that can be followed.", address)
        }
        guard next.isEncrypted || !address.isEncrypted else {
            throw fault(.configuration, "The server redirects from https to http: that is not followed.", address)
        }
        return next
    }

    private func refusal(_ status: Int, _ address: HTTPAddress) -> AdapterError {
        switch status {
        case 401, 403: fault(.configuration, "The server refused the credentials (\(status)).", address, hint: "Check \"auth\" and the secrets that it names.")
        case 400..<500: fault(.configuration, "The server refused the request (\(status)).", address, hint: "Check \"url\", \"query\" and \"pages\" of the input.")
        case 500...: fault(.transient, "The server failed (\(status)).", address)
        default: fault(.data, "The server answered \(status) in place of 200.", address)
        }
    }

    /// - Parameter after: what the server asks for, in seconds.
    private func pause(after temporary: Temporary, failures: Int, _ after: Double?) throws {
        let fault = temporary.fault
        guard failures < input.attempts else {
            throw AdapterError(fault.kind, fault.message, file: fault.file, hint: "It was tried \(failures) times.")
        }
        let clock = context.httpClock
        let pause_s = after ?? clock.random() * min(Self.longestPause_s, Double(1 << min(failures - 1, 6)))
        guard clock.now() + pause_s - begun <= Double(input.within_s) else {
            throw AdapterError(
                fault.kind, fault.message, file: fault.file,
                hint: "It would have to wait \(Int(pause_s)) seconds, which is longer than \"within\" of the input leaves.")
        }
        context.log("\(fault.file ?? ""): \(fault.message) It is tried again (\(failures + 1) of \(input.attempts)).")
        try wait(pause_s)
    }

    private func wait(_ seconds: Double) throws {
        if seconds > 0 { context.httpClock.wait(seconds, context.isCancelled) }
        if context.isCancelled() { throw RunCancelled() }
    }

    func fault(_ kind: AdapterError.Kind, _ message: String, _ address: HTTPAddress, hint: String? = nil) -> AdapterError {
        AdapterError(kind, blotter.blot(message), file: name(of: address), hint: hint)
    }
}

extension HTTPClient {
    private static let tokenLimit = 1 << 20

    private var validToken: SecretText? { token.flatMap { $0.until > context.httpClock.now() ? $0.text : nil } }

    /// A new access token, by the client's credentials (RFC 6749, section 4.4). Where the server does not say how long it lasts, until it is refused.
    private func newToken(_ address: HTTPAddress, _ id: String, _ secret: SecretText, _ scope: String?, inBody: Bool) throws -> SecretText {
        if let validToken { return validToken }
        guard let url = address.url else { throw fault(.configuration, "\"token_url\" is no URL.", address) }
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        var form = [("grant_type", "client_credentials")]
        if let scope { form.append(("scope", scope)) }
        if inBody {
            form += [("client_id", id), ("client_secret", secret.revealed)]
        } else {
            let pair = HTTPCredentials.basic(HTTPAddress.escaped(id), HTTPAddress.escaped(secret.revealed))
            request.setValue("Basic " + pair, forHTTPHeaderField: "Authorization")
        }
        request.httpBody = Data(form.map { "\($0)=\(HTTPAddress.escaped($1))" }.joined(separator: "&").utf8)
        let body = Gathered()
        let answer = try send(request, to: address) { bytes in
            body.bytes += bytes
            if body.bytes.count > Self.tokenLimit { throw AdapterError(.data, "The answer of the token URL is too long.") }
        }
        switch answer.status {
        case 200: break
        case 408, 425, 429, 500, 502, 503, 504: throw Temporary(fault(.transient, "The token URL answered \(answer.status).", address))
        default: throw fault(.configuration, "The token URL refused the client (\(answer.status)).", address, hint: "Check client_id and client_secret.")
        }
        guard let value = try? JSONParser.parse(body.bytes), let text = value[member: "access_token"]?.string, !text.isEmpty,
            text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 })
        else { throw fault(.data, "The token URL gave no access token.", address) }
        var until = Double.infinity
        if let lifetime = value[member: "expires_in"]?.string.flatMap({ Double($0) }) { until = context.httpClock.now() + max(0, lifetime - 30) }
        let new = SecretText(revealed: text)
        token = (new, until)
        blotter = SecretBlotter(credentials.secrets + [text])
        return new
    }

    /// Filled on the thread that delivers, read when it is done.
    private final class Gathered: @unchecked Sendable {
        var bytes: [UInt8] = []
    }
}
