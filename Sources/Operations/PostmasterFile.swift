import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `postmaster.pid` in a data folder (PostgreSQL's src/include/utils/pidfile.h): line 1 the process, line 7 its shared
/// memory (key and id), line 8 its status.
struct PostmasterFile {
    let pid: Int32
    let sharedMemoryID: Int?
    /// starting, ready, standby, stopping; empty in the first moment.
    let status: String

    init?(data: String) {
        guard let text = readText(data + "/postmaster.pid") else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        guard let first = lines.first, let pid = Int32(first), pid > 0 else { return nil }
        self.pid = pid
        sharedMemoryID = lines.count > 6 ? lines[6].split(separator: " ").last.flatMap { Int($0) } : nil
        status = lines.count > 7 ? lines[7] : ""
    }
}

#if os(Linux)
/// Linux's /proc, only what everyone may read: root in a container may not ask where another user's process works.
enum ProcessTable {
    /// Whether this process is a PostgreSQL that was started on this data folder. A zombie has no words any more.
    static func isServer(_ pid: Int32, of data: String) -> Bool {
        guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
        let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let program = words.first, program.hasSuffix("/postgres"), let option = words.firstIndex(of: "-D") else { return false }
        return words.dropFirst(option + 1).first == data
    }

    /// How many processes still hold a shared memory segment: PostgreSQL's own sign that a server's sessions live on.
    static func holders(ofSharedMemory id: Int) -> Int {
        for line in (readText("/proc/sysvipc/shm") ?? "").split(separator: "\n").dropFirst() {
            // key shmid perms size cpid lpid nattch …
            let fields = line.split(separator: " ")
            if fields.count > 6, Int(fields[1]) == id { return Int(fields[6]) ?? 0 }
        }
        return 0
    }
}
#endif
