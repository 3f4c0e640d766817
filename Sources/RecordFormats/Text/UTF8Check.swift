/// Fast checks of UTF-8 bytes (Unicode 15, table 3-7: well-formed byte sequences).
enum UTF8Check {
    /// What a run of bytes turned out to be.
    enum Finding: Equatable {
        /// Every byte is ASCII and none is null.
        case ascii
        /// Well-formed UTF-8 without a null character.
        case utf8
        /// Well-formed UTF-8 with a null character at this offset.
        case null(at: Int)
        /// The byte at this offset begins no well-formed sequence.
        case malformed(at: Int)
    }

    /// Looks at a run of bytes once.
    static func check(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var null: Int?
        var index = asciiPrefix(bytes, from: 0)
        if index == bytes.count { return .ascii }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0 {
                null = null ?? index
                index += 1
            } else if byte < 0x80 {
                index = max(index + 1, asciiPrefix(bytes, from: index))
            } else {
                let length = sequenceLength(bytes, at: index)
                if length == 0 { return .malformed(at: index) }
                index += length
            }
        }
        if let null { return .null(at: null) }
        return .utf8
    }

    /// The first index from `start` whose byte is null or not ASCII.
    @inline(__always)
    private static func asciiPrefix(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        let count = bytes.count
        while index &+ 8 <= count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // The high bit of a lane is set where the byte is not ASCII, or where subtracting one borrows from a null.
            if (word | (word &- 0x0101_0101_0101_0101)) & 0x8080_8080_8080_8080 != 0 { break }
            index &+= 8
        }
        while index < count, bytes[index] &- 1 < 0x7F { index &+= 1 }
        return index
    }

    /// The length of the multi-byte sequence at `index`, or 0 where it is malformed.
    @inline(__always)
    static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
        let lead = bytes[index]
        @inline(__always) func continuation(_ offset: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            index + offset < bytes.count && range.contains(bytes[index + offset])
        }
        switch lead {
        case 0xC2...0xDF:
            return continuation(1) ? 2 : 0
        case 0xE0:
            return continuation(1, 0xA0...0xBF) && continuation(2) ? 3 : 0
        case 0xED:
            return continuation(1, 0x80...0x9F) && continuation(2) ? 3 : 0
        case 0xE1...0xEF:
            return continuation(1) && continuation(2) ? 3 : 0
        case 0xF0:
            return continuation(1, 0x90...0xBF) && continuation(2) && continuation(3) ? 4 : 0
        case 0xF1...0xF3:
            return continuation(1) && continuation(2) && continuation(3) ? 4 : 0
        case 0xF4:
            return continuation(1, 0x80...0x8F) && continuation(2) && continuation(3) ? 4 : 0
        default:
            return 0
        }
    }
}
