import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The head of an answer, and how many bytes its body had.
struct HTTPAnswer: Sendable {
    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    var byteCount = 0
}

/// Why there is no whole answer.
enum HTTPFailure: Error {
    case cancelled
    /// Nothing came for so many seconds.
    case silent(Int)
    /// The name cannot be resolved, the connection not be made, or it broke.
    case broken(String)
    /// The body ended before its length.
    case cut
    /// The server is not the one that it says it is.
    case untrusted(String)
    /// What took the body refused it.
    case sink(any Error)
}

/// Sends one request at a time and waits for its answer on the thread that asks, which is no thread of Swift's cooperative pool.
///
/// URLSession's delegate takes the body piece by piece: on Linux there is no `bytes`. What Foundation does there that we cannot use: it resumes a
/// suspended task from its beginning, and it never ends a task whose answer is 401. So the queue of its pieces is bounded, and of answers other than 200
/// the head is all that is read. It follows no redirect, and keeps neither cookies nor a cache.
final class HTTPSession: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private let condition = NSCondition()
    /// The request at hand. All of this is guarded by `condition`.
    private var task: URLSessionTask?
    private var answer: HTTPAnswer?
    /// The head of a redirect that Foundation was told not to follow; until it has ended the task on that, cancelling it ends the process.
    private var redirect: HTTPAnswer?
    private var take: (([UInt8]) throws -> Void)?
    private var outcome: Result<HTTPAnswer, HTTPFailure>?
    private var lastHeard = ContinuousClock.now
    private var session: URLSession?

    override init() {
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        // Time-outs are ours.
        configuration.timeoutIntervalForRequest = 7 * 86_400
        configuration.timeoutIntervalForResource = 7 * 86_400
        session = URLSession(configuration: configuration, delegate: self, delegateQueue: BoundedQueue())
    }

    /// The session holds its delegate until it is ended.
    func end() {
        session?.invalidateAndCancel()
        session = nil
    }

    /// - Parameters:
    ///   - timeout_s: how long the server may send nothing.
    ///   - take: gets the body of an answer 200, piece by piece, on another thread, while this one waits.
    func send(
        _ request: URLRequest, timeout_s: Int, isCancelled: () -> Bool, take: @escaping ([UInt8]) throws -> Void
    ) throws(HTTPFailure) -> HTTPAnswer {
        guard !isCancelled() else { throw .cancelled }
        var request = request
        request.timeoutInterval = 7 * 86_400
        guard let task = session?.dataTask(with: request) else { throw .broken("the session has ended") }
        condition.lock()
        self.task = task
        self.take = take
        answer = nil
        redirect = nil
        outcome = nil
        lastHeard = .now
        condition.unlock()
        task.resume()
        let result = wait(timeout_s: timeout_s, isCancelled: isCancelled)
        // Called without the lock: it may wait for the thread that delivers.
        if case .success(let answer) = result, answer.status == 200 {} else { task.cancel() }
        return try result.get()
    }

    private func wait(timeout_s: Int, isCancelled: () -> Bool) -> Result<HTTPAnswer, HTTPFailure> {
        condition.lock()
        defer {
            task = nil
            take = nil
            condition.unlock()
        }
        while true {
            if let outcome { return outcome }
            if redirect == nil {
                if isCancelled() { return .failure(.cancelled) }
                if lastHeard.duration(to: .now) > .seconds(timeout_s) { return .failure(.silent(timeout_s)) }
            }
            _ = condition.wait(until: Date(timeIntervalSinceNow: 0.05))
        }
    }

    /// Runs `body` where the task is the one that is waited for.
    private func note(_ task: URLSessionTask, _ body: () -> Void) {
        condition.lock()
        defer { condition.unlock() }
        guard let current = self.task, current.taskIdentifier == task.taskIdentifier, outcome == nil else { return }
        lastHeard = .now
        body()
        if outcome != nil { condition.signal() }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        var isWaitedFor = false
        note(task) {
            redirect = Self.head(response)
            isWaitedFor = true
        }
        // On Linux an answer to a task that was cancelled meanwhile ends the process; nobody waits for it.
        if isWaitedFor { completionHandler(nil) }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        note(dataTask) {
            guard redirect == nil, let response = response as? HTTPURLResponse else { return }
            let head = Self.head(response)
            if head.status == 200 { answer = head } else { outcome = .success(head) }
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        note(dataTask) {
            guard answer != nil else { return }
            do {
                try take?([UInt8](data))
                answer?.byteCount += data.count
            } catch {
                outcome = .failure(.sink(error))
            }
        }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        note(task) {
            if let redirect {
                outcome = .success(redirect)
            } else if let error {
                outcome = .failure(Self.failure(error, hasBegun: answer != nil))
            } else if let answer {
                outcome = Self.isCut(answer) ? .failure(.cut) : .success(answer)
            } else {
                outcome = .failure(.broken("the server closed the connection without an answer"))
            }
        }
    }

    private static func isCut(_ answer: HTTPAnswer) -> Bool {
        // Of a body that was compressed on the way the length is that of the compressed one, which libcurl has checked.
        guard answer.headers["content-encoding"] == nil, let text = answer.headers["content-length"], let length = Int(text) else { return false }
        return answer.byteCount != length
    }

    private static func head(_ response: HTTPURLResponse) -> HTTPAnswer {
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            if let name = name as? String, let value = value as? String { headers[name.lowercased()] = value }
        }
        return HTTPAnswer(status: response.statusCode, headers: headers)
    }

    /// libcurl's words tell what Foundation's codes on Linux do not; they name hosts and ports, no values. The URL stands in other members of the error.
    private static func failure(_ error: any Error, hasBegun: Bool) -> HTTPFailure {
        let error = error as NSError
        let text = error.localizedDescription
        let trust = [
            NSURLErrorServerCertificateUntrusted, NSURLErrorServerCertificateHasBadDate, NSURLErrorServerCertificateNotYetValid,
            NSURLErrorServerCertificateHasUnknownRoot,
        ]
        if trust.contains(error.code) || text.contains("SSL certificate") || text.contains("SSL: no alternative certificate") {
            return .untrusted(text)
        }
        if hasBegun, text.contains("transfer closed") || error.code == NSURLErrorNetworkConnectionLost { return .cut }
        return .broken(text)
    }
}

/// Whoever delivers faster than the pieces are taken waits: libcurl's thread, and with it the server.
private final class BoundedQueue: OperationQueue, @unchecked Sendable {
    private let slots = DispatchSemaphore(value: 256)

    override init() {
        super.init()
        maxConcurrentOperationCount = 1
    }

    override func addOperation(_ block: @escaping @Sendable () -> Void) {
        let slots = slots
        slots.wait()
        super.addOperation {
            block()
            slots.signal()
        }
    }
}
