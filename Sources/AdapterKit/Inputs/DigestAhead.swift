import Foundation
import PostgresClient

/// The digest of files, worked out on a thread of its own while they are being read: whoever hashes first reads every file twice, one time after
/// the other.
final class DigestAhead: Sendable {
    private let paths: [String]
    private let folder: String
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var outcome: Result<[UInt8], AdapterError>?
    nonisolated(unsafe) private var hasStarted = false
    nonisolated(unsafe) private var isStopped = false

    /// - Parameter folder: where names begin.
    init(_ paths: [String], folder: String) { (self.paths, self.folder) = (paths, folder) }

    /// Begins, where it has not begun yet.
    func start() throws(AdapterError) {
        condition.lock()
        defer { condition.unlock() }
        guard !hasStarted else { return }
        try BatchQueue.startThread { [self] in
            let outcome = Result { () throws(AdapterError) in
                var files: [FoundFile] = []
                for path in paths { files.append(try FileSearch.examine(path, folder: folder) { shouldStop }) }
                return try FileInput.digest(of: files)
            }
            condition.lock()
            self.outcome = outcome
            condition.broadcast()
            condition.unlock()
        }
        hasStarted = true
    }

    var isStarted: Bool { locked { hasStarted } }
    /// Whether nobody has to wait for it.
    var isKnown: Bool { locked { outcome != nil } }
    private var shouldStop: Bool { locked { isStopped } }

    private func locked(_ value: () -> Bool) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        return value()
    }

    /// Waits for it. Throws where a file could not be read.
    func digest() throws(AdapterError) -> [UInt8] {
        try start()
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let outcome { return try outcome.get() }
            condition.wait()
        }
    }

    /// Nobody asks any more. What it would give now is of no use.
    func stop() {
        condition.lock()
        isStopped = true
        condition.unlock()
    }
}
