import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Zeroed memory. From a size on it lies in a file without a name: what is not in use the kernel writes there, and millions of known keys
/// do not have to fit into the machine's memory beside everything else.
final class PagedMemory {
    let bytes: UnsafeMutableRawBufferPointer
    private let isMapped: Bool

    /// From so many bytes on memory lies in a file (256 MiB).
    static let limit = 256 << 20

    /// Where the disk has no room for the file, memory has to do.
    init(byteCount: Int, limit: Int = PagedMemory.limit) {
        if byteCount >= limit, let mapped = Self.map(byteCount) {
            bytes = mapped
            isMapped = true
        } else {
            // Written once: of memory that is read before it is written the system makes each page twice, and tells the other processors.
            bytes = .allocate(byteCount: byteCount, alignment: 16)
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            isMapped = false
        }
    }

    deinit {
        if isMapped { munmap(bytes.baseAddress, bytes.count) } else { bytes.deallocate() }
    }

    private static func map(_ byteCount: Int) -> UnsafeMutableRawBufferPointer? {
        guard let file = try? SpoolFile(reserving: byteCount) else { return nil }
        return file.mapped()
    }
}
