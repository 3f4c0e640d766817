import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `strerror` for the `errno` of a moment ago.
func systemMessage(_ number: Int32 = errno) -> String { String(cString: strerror(number)) }

/// 64-bit FNV-1a, as 12 hexadecimal digits: names folders after paths. Not for secrets.
func shortHash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String((String(repeating: "0", count: 16 - digits.count) + digits).prefix(12))
}

/// The path without links; nil where it does not exist.
func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}

/// Creates a folder and the ones above it, and gives it exactly this mode and owner.
func makeFolder(_ path: String, mode: mode_t, owner: ServerAccount? = nil) throws(OperationsError) {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw OperationsError(
            .configuration, "The folder cannot be created: \(systemMessage()).", where: path,
            advice: "Make the folder above it writable for this user.")
    }
    if let owner, chown(path, owner.userID, owner.groupID) != 0 {
        throw OperationsError(.configuration, "The folder cannot be given to '\(owner.name)': \(systemMessage()).", where: path)
    }
    if chmod(path, mode) != 0 {
        throw OperationsError(.configuration, "The folder's permissions cannot be set: \(systemMessage()).", where: path)
    }
}

/// The text of a small file; nil where it cannot be read.
func readText(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}

/// Writes a small file in one step, readable by its owner only.
package func writePrivateText(_ text: String, to path: String) throws(OperationsError) {
    let temporary = path + ".new-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw OperationsError(.configuration, "The file cannot be written: \(systemMessage()).", where: path) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0, rename(temporary, path) == 0 else {
        throw OperationsError(.configuration, "The file cannot be written: \(systemMessage()).", where: path)
    }
}

/// Asks again every few milliseconds until the condition holds. False where time ran out.
package func waitUntil(seconds: Double, every milliseconds: UInt32 = 10, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
    while true {
        if try condition() { return true }
        if ContinuousClock.now >= end { return false }
        usleep(milliseconds * 1000)
    }
}
