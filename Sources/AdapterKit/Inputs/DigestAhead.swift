import Foundation

/// The digest of files, worked out on a thread of its own while they are being read: whoever hashes first reads every file twice, one time after
/// the other.
final class DigestAhead: Sendable {
    private let condition = NSCondition()
    // Touched under the condition's lock only.
    nonisolated(unsafe) private var outcome: Result<[UInt8], AdapterError>?

    /// - Parameter folder: where names begin.
    init(_ paths: [String], folder: String) throws(AdapterError) {
        try BatchQueue.startThread { [self] in
            let outcome = Result { () throws(AdapterError) in
                var files: [FoundFile] = []
                for path in paths { files.append(try FileSearch.examine(path, folder: folder)) }
                return try FileInput.digest(of: files)
            }
            condition.lock()
            self.outcome = outcome
            condition.broadcast()
            condition.unlock()
        }
    }

    var isKnown: Bool {
        condition.lock()
        defer { condition.unlock() }
        return outcome != nil
    }

    /// Waits for it. Throws where a file could not be read.
    func digest() throws(AdapterError) -> [UInt8] {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let outcome { return try outcome.get() }
            condition.wait()
        }
    }
}
