import Foundation
import Operations
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file system of a test's own in memory, which can be made to run full. Gone with this object.
package final class SmallDisk {
    private let folder: String
    private let size_bytes: Int

    /// nil where file systems may not be mounted here, as in most containers and for ordinary users.
    package init?(at folder: String, size_bytes: Int) {
        self.folder = folder
        self.size_bytes = size_bytes
        guard geteuid() == 0, Self.run("mount", ["-t", "tmpfs", "-o", "size=\(size_bytes),mode=0711", "twinhub-test", folder]) else { return nil }
    }

    deinit {
        // Lazily: a process that is just ending may still hold a file.
        if !Self.run("umount", [folder]) { _ = Self.run("umount", ["-l", folder]) }
    }

    /// Shrinks it so that only so much is free.
    /// - Returns: false where the system refuses.
    package func shrink(toFree free_bytes: Int) -> Bool {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { return false }
        let used = (Int(facts.f_blocks) - Int(facts.f_bfree)) * Int(facts.f_frsize)
        return remount(used + free_bytes)
    }

    /// Gives it its size back.
    package func restore() -> Bool { remount(size_bytes) }

    private func remount(_ size: Int) -> Bool { Self.run("mount", ["-o", "remount,size=\(size)", folder]) }

    private static func run(_ program: String, _ words: [String]) -> Bool {
        (try? ChildProcess.run(program, words))?.status == 0
    }
}
