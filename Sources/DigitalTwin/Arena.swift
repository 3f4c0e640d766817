/// Where a text lies in an arena.
struct ArenaText {
    var start = 0
    var count: Int32 = 0
    /// Room that it has there.
    fileprivate var room: Int32 = 0
}

/// Texts one behind the other, without an allocation each. One that is replaced by no longer one stays in its place.
struct Arena {
    private var bytes: [UInt8] = []
    private var wasted = 0

    var heldBytes: Int { bytes.count }
    /// More than half of it is texts that were replaced: time to move the others together.
    var isMostlyWaste: Bool { wasted > 1 << 20 && wasted > bytes.count / 2 }

    mutating func add(_ text: UnsafeRawBufferPointer) -> ArenaText {
        let start = bytes.count
        bytes.append(contentsOf: text)
        let count = Int32(bytes.count - start)
        return ArenaText(start: start, count: count, room: count)
    }

    mutating func replace(_ text: inout ArenaText, with new: UnsafeRawBufferPointer) {
        guard new.count <= Int(text.room) else {
            wasted += Int(text.room)
            text = add(new)
            return
        }
        text.count = Int32(new.count)
        bytes.withUnsafeMutableBytes { UnsafeMutableRawBufferPointer(rebasing: $0[text.start...]).copyMemory(from: new) }
    }

    func withBytes<T>(of text: ArenaText, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[text.start..<text.start + Int(text.count)])) }
    }
}
