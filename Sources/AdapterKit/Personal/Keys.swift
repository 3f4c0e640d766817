import CLibCrypto
import EventLog
import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The secrets of a hub's adapters, 32 random bytes each. They live in files outside the database.
package struct Keys: Sendable {
    /// For pseudonyms (HMAC-SHA-256).
    let pseudonym: [UInt8]
    /// For quarantined rows (AES-256-GCM).
    let quarantine: [UInt8]
    /// Wraps the keys of sealed values (AES-256-GCM).
    let sealing: [UInt8]
    /// Whether they are `forSamples`.
    let isSample: Bool

    /// Fixed keys for samples and tests: their pseudonyms are the same everywhere and protect nobody.
    package static let forSamples: Keys = {
        let key = Array("twinhub sample key, protects none".utf8.prefix(32))
        return Keys(pseudonym: key, quarantine: key, sealing: key, isSample: true)
    }()

    private init(pseudonym: [UInt8], quarantine: [UInt8], sealing: [UInt8], isSample: Bool) {
        self.pseudonym = pseudonym
        self.quarantine = quarantine
        self.sealing = sealing
        self.isSample = isSample
    }

    /// Reads `pseudonym.key`, `quarantine.key` and `sealing.key` of a folder, and makes what is missing there (0600, the folder 0700).
    ///
    /// Throws `configuration` where a key is readable by others or is no key.
    package init(folder: String) throws(AdapterError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw AdapterError(.configuration, "The folder of the keys cannot be made.", file: folder, hint: "Check the rights on the folder above it.")
        }
        pseudonym = try Self.key("pseudonym.key", in: folder)
        quarantine = try Self.key("quarantine.key", in: folder)
        sealing = try Self.key("sealing.key", in: folder)
        isSample = false
    }

    private static func key(_ name: String, in folder: String) throws(AdapterError) -> [UInt8] {
        let path = folder + "/" + name
        if let key = try read(path) { return key }
        try make(path)
        guard let key = try read(path) else { throw AdapterError(.configuration, "The key vanished while it was made.", file: path) }
        return key
    }

    /// A new key in a file that must not exist yet.
    static func makeNext(_ path: String) throws(AdapterError) -> [UInt8] {
        try make(path)
        guard let key = try read(path) else { throw AdapterError(.configuration, "The key vanished while it was made.", file: path) }
        return key
    }

    private static func read(_ path: String) throws(AdapterError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw AdapterError(.configuration, "The key cannot be read (\(String(cString: strerror(errno)))).", file: path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw AdapterError(.configuration, "The key cannot be read.", file: path) }
        guard status.st_mode & 0o077 == 0 else {
            throw AdapterError(.configuration, "The key can be read by others than its owner.", file: path, hint: "Run: chmod 600 \(path)")
        }
        var key = [UInt8](repeating: 0, count: 33)
        let length = key.withUnsafeMutableBytes { bytes in readBytes(descriptor, bytes.baseAddress, bytes.count) }
        guard length == 32 else {
            throw AdapterError(.configuration, "The key is not 32 bytes long.", file: path, hint: "Bring the right file back from the backup.")
        }
        return Array(key.prefix(32))
    }

    /// Written aside and linked into place: of two processes one wins, and nobody reads half a key.
    private static func make(_ path: String) throws(AdapterError) {
        let aside = "\(path).\(getpid()).\(UInt32.random(in: 0...UInt32.max))"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw AdapterError(.configuration, "The key cannot be made (\(String(cString: strerror(errno)))).", file: path)
        }
        defer { unlink(aside) }
        var key = [UInt8](repeating: 0, count: 32)
        guard RAND_bytes(&key, 32) == 1 else {
            close(descriptor)
            throw AdapterError(.internal, "The system gave no random numbers.")
        }
        let written = key.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
        let synced = fsync(descriptor)
        close(descriptor)
        guard written == 32, synced == 0 else { throw AdapterError(.transient, "The key cannot be written.", file: path) }
        guard link(aside, path) == 0 || errno == EEXIST else {
            throw AdapterError(.configuration, "The key cannot be made (\(String(cString: strerror(errno)))).", file: path)
        }
    }
}

private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int { read(descriptor, buffer, count) }
private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int { write(descriptor, buffer, count) }
