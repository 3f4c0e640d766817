#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Puts ids of things together, each in the place of the last: the source's name, a colon, and the source's own key.
final class IDBuffer {
    /// Whose name stands at the beginning.
    private(set) var sourceID: Int32 = -1
    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 16)
    private var prefixCount = 0
    private var count = 0

    deinit { memory.deallocate() }

    /// The id; until the next one is put together.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    /// - Parameter name: UTF-8.
    func use(_ name: [UInt8], _ sourceID: Int32) {
        self.sourceID = sourceID
        count = 0
        (name + [UInt8(ascii: ":")]).withUnsafeBytes { append($0) }
        prefixCount = count
    }

    /// - Parameter subject: `<kind>/<key>`.
    func take(subject: UnsafeRawBufferPointer) {
        count = prefixCount
        guard let start = subject.baseAddress else { return }
        let slash = memchr(start, 0x2F, subject.count).map { UnsafeRawPointer($0) - start + 1 } ?? 0
        append(UnsafeRawBufferPointer(rebasing: subject[slash...]))
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        if count + bytes.count > memory.count {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: (count + bytes.count) * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(memory))
            memory.deallocate()
            memory = larger
        }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
