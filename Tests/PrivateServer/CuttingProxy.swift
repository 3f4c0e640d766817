import Foundation
import Operations

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Stands between a client and a server's Unix socket, and cuts all connections at a certain point of what the client says.
/// It reads PostgreSQL's message frames (documentation, "Message Formats") and changes nothing.
package final class CuttingProxy: Sendable {
    package enum Cut: Sendable, Hashable {
        /// After so many bytes of COPY data have passed to the server, in the middle of a message.
        case copyData(bytes: Int)
        /// When the server answers the n-th message in which these words occur: it has done what they say, and the client never knows.
        case answer(to: String, number: Int)
    }

    /// The folder to be given as `host`.
    package let folder: String
    private let target: String
    private let cut: Cut
    private let listener: Int32
    private let lock = NSLock()
    // Touched under the lock only.
    nonisolated(unsafe) private var routes: [Route] = []
    nonisolated(unsafe) private var copied = 0
    nonisolated(unsafe) private var matches = 0
    nonisolated(unsafe) private var isCut = false
    nonisolated(unsafe) private var isAwaitingAnswer = false

    /// Whether the connections have been cut.
    package var hasCut: Bool { lock.withLock { isCut } }

    /// - Parameters:
    ///   - folder: made, and removed by `close`.
    ///   - target: the folder of the server's socket.
    package init(folder: String, target: String, cut: Cut) throws {
        self.folder = folder
        self.target = target
        self.cut = cut
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        listener = try Self.socket()
        guard Self.withAddress(folder, { bind(listener, $0, $1) }) == 0, listen(listener, 8) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        Self.start { self.accept() }
    }

    /// Ends all connections, and the threads that served them.
    package func close() {
        cutAll()
        shutdown(listener, Int32(SHUT_RDWR))
        Self.end(listener)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A client's connection and the one to the server; two threads serve it, and the last one closes both.
    private struct Route {
        let client: Int32
        let server: Int32
        var threads = 2
    }

    private func accept() {
        while true {
            #if canImport(Glibc)
            let client = Glibc.accept(listener, nil, nil)
            #else
            let client = Darwin.accept(listener, nil, nil)
            #endif
            guard client >= 0 else { return }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            guard let server = try? Self.socket() else {
                Self.end(client)
                continue
            }
            guard !hasCut, Self.withAddress(target, { connect(server, $0, $1) }) == 0 else {
                for one in [client, server] { Self.end(one) }
                continue
            }
            lock.withLock { routes.append(Route(client: client, server: server)) }
            Self.start {
                var frames = FrameReader()
                Self.pump(from: client, to: server) { self.pass(&$0, &frames) }
                self.leave(client)
            }
            Self.start {
                Self.pump(from: server, to: client) { _ in self.lock.withLock { !self.isAwaitingAnswer } }
                self.lock.withLock { if self.isAwaitingAnswer { self.isCut = true } }
                if self.hasCut { self.cutAll() }
                self.leave(client)
            }
        }
    }

    /// One of a route's threads has ended: so does the other.
    private func leave(_ client: Int32) {
        lock.withLock {
            guard let place = routes.firstIndex(where: { $0.client == client }) else { return }
            let route = routes[place]
            routes[place].threads -= 1
            if route.threads > 1 {
                for one in [route.client, route.server] { shutdown(one, Int32(SHUT_RDWR)) }
            } else {
                routes.remove(at: place)
                for one in [route.client, route.server] { Self.end(one) }
            }
        }
    }

    private static func end(_ socket: Int32) {
        #if canImport(Glibc)
        Glibc.close(socket)
        #else
        Darwin.close(socket)
        #endif
    }

    /// Looks at what the client says. Shortens it, and returns false, where the connection is to be cut.
    private func pass(_ bytes: inout ArraySlice<UInt8>, _ frames: inout FrameReader) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        guard !isCut else { return false }
        switch cut {
        case .copyData(let limit):
            if let end = frames.read(bytes, copyLimit: limit - copied, copied: &copied) {
                bytes = bytes[..<end]
                isCut = true
                return false
            }
        case .answer(let words, let number):
            var none = 0
            _ = frames.read(bytes, copyLimit: .max, copied: &none)
            matches += frames.queries.count { $0.contains(words) }
            frames.queries = []
            if matches >= number { isAwaitingAnswer = true }
        }
        return true
    }

    private func cutAll() {
        lock.withLock {
            for route in routes { for one in [route.client, route.server] { shutdown(one, Int32(SHUT_RDWR)) } }
        }
    }

    /// Hands on until one side ends or `pass` says no.
    private static func pump(from source: Int32, to target: Int32, pass: (inout ArraySlice<UInt8>) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(source, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            var bytes = buffer[..<count]
            let goesOn = pass(&bytes)
            if goesOn || !bytes.isEmpty, !write(bytes, to: target) { return }
            if !goesOn { return }
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                #if canImport(Glibc)
                let count = send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                #else
                let count = send(socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, 0)
                #endif
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }

    private static func socket() throws -> Int32 {
        #if canImport(Glibc)
        let made = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #else
        let made = Darwin.socket(AF_UNIX, SOCK_STREAM, 0)
        _ = fcntl(made, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(made, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
        #endif
        guard made >= 0 else { throw POSIXError(.EMFILE) }
        return made
    }

    private static func withAddress(_ folder: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("\(folder)/.s.PGSQL.\(EmbeddedServer.port)".utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 1 << 20
        thread.start()
    }
}

/// Follows the frames of what a client says: a start-up message without a type, then a type's byte and a length each.
private struct FrameReader {
    /// The beginnings of simple queries since they were last looked at.
    var queries: [String] = []
    private var type: UInt8 = 0
    private var header: [UInt8] = []
    private var rest = 0
    private var text: [UInt8] = []
    private var hasBegun = false

    /// - Returns: behind which byte the limit of COPY data is reached; nil where it is not.
    mutating func read(_ bytes: ArraySlice<UInt8>, copyLimit: Int, copied: inout Int) -> Int? {
        var place = bytes.startIndex
        let start = copied
        while place < bytes.endIndex {
            if rest == 0 {
                header.append(bytes[place])
                place += 1
                let length = hasBegun ? 5 : 4
                guard header.count == length else { continue }
                type = hasBegun ? header[0] : 0
                rest = header.suffix(4).reduce(0) { $0 << 8 | Int($1) } - 4
                hasBegun = true
                header = []
                text = []
                if rest <= 0 { rest = 0 }
                continue
            }
            let count = min(rest, bytes.endIndex - place)
            if type == UInt8(ascii: "d") {
                if copied - start + count >= copyLimit {
                    let end = place + max(0, copyLimit - (copied - start))
                    copied = start + copyLimit
                    return end
                }
                copied += count
            } else if type == UInt8(ascii: "Q"), text.count < 512 {
                text += bytes[place..<place + min(count, 512)]
            }
            rest -= count
            place += count
            if rest == 0, type == UInt8(ascii: "Q") { queries.append(String(decoding: text, as: UTF8.self)) }
        }
        return nil
    }
}
