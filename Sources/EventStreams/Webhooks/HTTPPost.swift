import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Posts bytes and waits for the answer, on the caller's thread. TLS is verified; redirects are not followed: a receiver that has moved is
/// told to the one who added it, not guessed.
package final class HTTPPost: NSObject, URLSessionTaskDelegate, Sendable {
    /// What came back.
    package enum Answer: Sendable, Hashable {
        case status(Int, retryAfter_s: Int?)
        /// No answer: refused, cut off, timed out, a certificate that nobody vouches for. Says which; no URL, no secret.
        case failed(String)
    }

    private let timeout_s: Double
    private let session: URLSession

    /// - Parameter timeout_s: how long an answer may take.
    package init(timeout_s: Double = 15) {
        self.timeout_s = timeout_s
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout_s
        configuration.timeoutIntervalForResource = timeout_s
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        // One receiver never waits for another's connection.
        configuration.httpMaximumConnectionsPerHost = 4
        session = URLSession(configuration: configuration)
    }

    deinit { session.finishTasksAndInvalidate() }

    package func send(_ body: [UInt8], to url: URL, type: String, headers: [(name: String, value: String)]) -> Answer {
        var request = URLRequest(url: url)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        request.timeoutInterval = timeout_s
        request.setValue(type, forHTTPHeaderField: "Content-Type")
        request.setValue("twinhub", forHTTPHeaderField: "User-Agent")
        for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var answer = Answer.failed("no answer")
        let task = session.dataTask(with: request) { _, response, error in
            if let response = response as? HTTPURLResponse {
                answer = .status(response.statusCode, retryAfter_s: response.value(forHTTPHeaderField: "Retry-After").flatMap { Int($0) })
            } else {
                answer = .failed(Self.words(for: error))
            }
            done.signal()
        }
        task.delegate = self
        task.resume()
        done.wait()
        return answer
    }

    package func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) { completionHandler(nil) }

    private static func words(for error: (any Error)?) -> String {
        switch (error as? URLError)?.code {
        case .timedOut?: "no answer in time"
        case .cannotConnectToHost?: "the connection was refused"
        case .cannotFindHost?, .dnsLookupFailed?: "the host is not known"
        case .networkConnectionLost?: "the connection was cut"
        case .secureConnectionFailed?, .serverCertificateUntrusted?, .serverCertificateHasBadDate?, .serverCertificateNotYetValid?,
            .serverCertificateHasUnknownRoot?:
            "the receiver's certificate could not be verified"
        case let code?: "the connection failed (URL error \(code.rawValue))"
        case nil: "the connection failed"
        }
    }
}
