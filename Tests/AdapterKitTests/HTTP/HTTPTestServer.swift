import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A server for tests: it answers each request with the bytes that the test says, as they are, so that it can fail in every way.
final class HTTPTestServer: @unchecked Sendable {
    /// What was asked.
    struct Request: Sendable {
        let method: String
        /// With its query.
        let target: String
        /// By name in lower case.
        let headers: [String: String]
        let body: String

        var path: String { String(target.split(separator: "?")[0]) }
        /// A parameter's value as it stands in the query.
        subscript(parameter: String) -> String? {
            target.split(separator: "?").dropFirst().first?.split(separator: "&").first { $0.hasPrefix(parameter + "=") }
                .map { String($0.dropFirst(parameter.count + 1)) }
        }
    }

    /// What is answered.
    struct Answer: Sendable {
        /// Sent as they are.
        var pieces: [[UInt8]]
        /// Whether the connection is then held open without another word until the server ends.
        var hangs = false

        static func ok(_ body: String, _ headers: [String] = []) -> Answer { .status(200, body, headers) }

        static func status(_ status: Int, _ body: String = "", _ headers: [String] = []) -> Answer {
            let head = ["HTTP/1.1 \(status) \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
            return Answer(pieces: [Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)])
        }

        /// The bytes alone.
        static func raw(_ text: String) -> Answer { Answer(pieces: [Array(text.replacingOccurrences(of: "\n", with: "\r\n").utf8)]) }
    }

    let port: Int
    private let listener: Int32
    private let lock = NSLock()
    private var answer: @Sendable (Request) -> Answer
    private var asked: [Request] = []
    private var held: [Int32] = []
    private var isOpen = true
    /// Signalled when a request has been taken down.
    let arrived = DispatchSemaphore(value: 0)

    var address: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { lock.withLock { asked } }

    /// - Parameter port: 0 for any that is free.
    init(port: Int = 0, _ answer: @escaping @Sendable (Request) -> Answer) throws {
        #if canImport(Glibc)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(port).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, pointer, &size) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        self.answer = answer
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                guard let self, self.lock.withLock({ self.isOpen }) else {
                    close(connection)
                    return
                }
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    deinit { end() }

    /// Answers differently from now on.
    func reply(_ answer: @escaping @Sendable (Request) -> Answer) { lock.withLock { self.answer = answer } }

    /// Nobody can connect any more, and open connections break.
    func end() {
        let open = lock.withLock {
            defer {
                isOpen = false
                held = []
            }
            return isOpen ? held : nil
        }
        guard let open else { return }
        open.forEach { close($0) }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func serve(_ connection: Int32) {
        guard let request = Self.read(connection) else {
            close(connection)
            return
        }
        let answer = lock.withLock {
            asked.append(request)
            return self.answer
        }(request)
        arrived.signal()
        for piece in answer.pieces {
            var done = 0
            while done < piece.count {
                let sent = piece.withUnsafeBytes { bytes in
                    #if os(Linux)
                    send(connection, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
                    #else
                    send(connection, bytes.baseAddress! + done, bytes.count - done, 0)
                    #endif
                }
                if sent <= 0 { break }
                done += sent
            }
        }
        if answer.hangs {
            let isHeld = lock.withLock {
                if isOpen { held.append(connection) }
                return isOpen
            }
            if isHeld { return }
        }
        shutdown(connection, Int32(SHUT_WR))
        close(connection)
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        let end = Array("\r\n\r\n".utf8)
        func more() -> Bool {
            let got = recv(connection, &chunk, chunk.count, 0)
            if got > 0 { bytes += chunk[..<got] }
            return got > 0
        }
        var split: Int?
        while split == nil {
            guard more() else { return nil }
            split = bytes.indices.first { bytes[$0...].starts(with: end) }
        }
        let head = String(decoding: bytes[..<(split ?? 0)], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in head.dropFirst() {
            let halves = line.split(separator: ":", maxSplits: 1)
            if halves.count == 2 { headers[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces) }
        }
        let begin = (split ?? 0) + 4
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while bytes.count < begin + length { guard more() else { return nil } }
        let words = head[0].split(separator: " ").map(String.init)
        guard words.count >= 2 else { return nil }
        return Request(method: words[0], target: words[1], headers: headers, body: String(decoding: bytes[begin...], as: UTF8.self))
    }
}

extension HTTPTestServer {
    /// An array of records `{ "no": 3, "n": "x" }`.
    static func records(_ numbers: some Sequence<Int>, note: String = "x") -> String {
        "[" + numbers.map { #"{"no":\#($0),"n":"\#(note)"}"# }.joined(separator: ",") + "]"
    }
}
