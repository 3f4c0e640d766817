#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Finds the names of an object's members without decoding a value, to ask whether a record is known before it is parsed.
///
/// It follows brackets and quotes alone: of bytes that are no JSON it may name members all the same. Whoever knew the very same bytes before
/// has seen them parsed.
struct MemberNames {
    /// The names in their quotes, one after another.
    private(set) var bytes: [UInt8] = []

    private static let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")

    /// Whether the object has the names in the order of `bytes` and no others.
    func match(_ object: UnsafeRawBufferPointer) -> Bool {
        bytes.withUnsafeBytes { names in
            var rest = names[...]
            let isObject = Self.walk(object) { name in
                guard name.count <= rest.count, let some = name.baseAddress, let others = names.baseAddress,
                    memcmp(some, others + rest.startIndex, name.count) == 0
                else { return false }
                rest = rest.dropFirst(name.count)
                return true
            }
            return isObject && rest.isEmpty
        }
    }

    /// Takes the names of an object. False where it is none, or a name has an escape.
    mutating func read(_ object: UnsafeRawBufferPointer) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        return Self.walk(object) { name in
            bytes.append(contentsOf: name)
            return !name.contains(Self.backslash)
        }
    }

    /// - Parameter visit: gets each name in its quotes; false ends the walk.
    @inline(__always)
    private static func walk(_ object: UnsafeRawBufferPointer, _ visit: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var at = pastSpace(object, 0)
        guard at < object.count, object[at] == UInt8(ascii: "{") else { return false }
        at = pastSpace(object, at + 1)
        if at < object.count, object[at] == UInt8(ascii: "}") { return pastSpace(object, at + 1) == object.count }
        while at < object.count, object[at] == quote {
            guard let end = endOfString(object, at), visit(UnsafeRawBufferPointer(rebasing: object[at..<end])) else { return false }
            at = pastSpace(object, end)
            guard at < object.count, object[at] == UInt8(ascii: ":"), let next = endOfValue(object, pastSpace(object, at + 1)) else { return false }
            at = pastSpace(object, next)
            guard at < object.count else { return false }
            if object[at] == UInt8(ascii: "}") { return pastSpace(object, at + 1) == object.count }
            guard object[at] == UInt8(ascii: ",") else { return false }
            at = pastSpace(object, at + 1)
        }
        return false
    }

    @inline(__always)
    private static func pastSpace(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
        var at = start
        while at < text.count, text[at] == 0x20 || text[at] == 0x09 || text[at] == 0x0A || text[at] == 0x0D { at &+= 1 }
        return at
    }

    /// Where the string that begins at `start` ends, behind its quote.
    @inline(__always)
    private static func endOfString(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        guard let base = text.baseAddress else { return nil }
        var at = start + 1
        while at < text.count, let found = memchr(base + at, Int32(quote), text.count - at) {
            let end = UnsafeRawPointer(found) - base
            var before = end - 1
            while text[before] == backslash { before -= 1 }
            // Of an even number of backslashes none belongs to the quote.
            if (end - 1 - before) % 2 == 0 { return end + 1 }
            at = end + 1
        }
        return nil
    }

    private static func endOfValue(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        guard start < text.count else { return nil }
        if text[start] == quote { return endOfString(text, start) }
        var extent = JSONExtent()
        return extent.end(in: text, from: start)
    }
}
