import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A real HTTP server on a port of its own: keeps what is posted to it, and answers as it is told.
package final class WebhookReceiver: Sendable {
    package struct Request: Sendable {
        package let headers: [String: String]
        package let body: [UInt8]

        /// The subjects of the events in it.
        package var subjects: [String] {
            let parsed = try? JSONSerialization.jsonObject(with: Data(body))
            let events = parsed as? [[String: Any]] ?? (parsed as? [String: Any]).map { [$0] } ?? []
            return events.compactMap { $0["subject"] as? String }
        }
    }

    package let port: UInt16
    package let requests = Locked<[Request]>([])
    private let listener: Int32
    private let clients = Locked<Set<Int32>>([])
    private let answer: @Sendable (Request, Int) -> String

    package var url: String { "http://127.0.0.1:\(port)/hook" }
    package var subjects: [String] { requests.value.flatMap(\.subjects) }

    /// - Parameter answer: the status line's end for a request and its number, such as `204 No Content`; may hold further headers.
    package init(_ answer: @escaping @Sendable (Request, Int) -> String = { _, _ in "204 No Content" }) throws {
        self.answer = answer
        #if canImport(Glibc)
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
        listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let made = listener
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(made, $0, length) == 0 && getsockname(made, $0, &length) == 0 }
        }
        guard bound, listen(made, 16) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(made, nil, nil)
                guard client >= 0, let self else { return }
                self.clients.update { _ = $0.insert(client) }
                Thread.detachNewThread {
                    while let request = Self.read(client) {
                        let number = self.requests.update { all -> Int in
                            all.append(request)
                            return all.count
                        }
                        let line = "HTTP/1.1 \(self.answer(request, number))\r\nContent-Length: 0\r\n\r\n"
                        _ = Array(line.utf8).withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    }
                    self.clients.update { _ = $0.remove(client) }
                    endDescriptor(client)
                }
            }
        }
    }

    /// Nobody is there any more.
    package func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        endDescriptor(listener)
        clients.update { for client in $0 { shutdown(client, Int32(SHUT_RDWR)) } }
    }

    private static func read(_ client: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        func more() -> Bool {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            bytes += buffer[..<count]
            return true
        }
        var end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        while end == nil {
            guard more() else { return nil }
            end = bytes.firstRange(of: Array("\r\n\r\n".utf8))
        }
        guard let end else { return nil }
        var headers: [String: String] = [:]
        for line in String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while bytes.count < end.upperBound + length { guard more() else { return nil } }
        return Request(headers: headers, body: Array(bytes[end.upperBound..<end.upperBound + length]))
    }
}

private func endDescriptor(_ descriptor: Int32) {
    #if canImport(Glibc)
    _ = Glibc.close(descriptor)
    #else
    _ = Darwin.close(descriptor)
    #endif
}
