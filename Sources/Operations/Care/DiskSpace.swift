#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How much room a disk has, for a process that is not root.
package struct DiskSpace: Sendable, Hashable {
    package let free: Int
    package let total: Int

    package init(free: Int, total: Int) {
        self.free = free
        self.total = total
    }

    /// Of the disk that holds a path; nil where it cannot be asked.
    package init?(at path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        self.init(free: Int(facts.f_bavail) * Int(facts.f_frsize), total: Int(facts.f_blocks) * Int(facts.f_frsize))
    }

    /// What has to stay free: 5 % of the disk, at least 1 GiB and at most 8 GiB, or TWINHUB_DISK_RESERVE_MB. PostgreSQL stops the
    /// whole server (PANIC) where its own journal finds no room.
    package func reserve(_ environment: [String: String]) -> Int {
        if let megabytes = environment["TWINHUB_DISK_RESERVE_MB"].flatMap({ Int($0) }), (0...1_000_000_000).contains(megabytes) {
            return megabytes * 1_000_000
        }
        return max(1 << 30, min(total / 20, 8 << 30))
    }
}

/// 812 MB, 12.3 GB.
package func sizeText(_ bytes: Int) -> String {
    let tenths = bytes / 100_000_000
    return bytes < 1_000_000_000 ? "\(bytes / 1_000_000) MB" : "\(tenths / 10).\(tenths % 10) GB"
}
