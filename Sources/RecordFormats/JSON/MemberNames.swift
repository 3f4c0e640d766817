#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Finds the names of an object's members without decoding a value: rows of the same names need not have them decoded again, and of rows that are known
/// nothing else is asked.
///
/// It follows brackets and quotes alone: of bytes that are no JSON it may name members all the same. What its values are, and whether they are any,
/// the parser says.
struct MemberNames {
    /// The names in their quotes, one after another.
    private(set) var bytes: [UInt8] = []
    /// Of each name.
    private var lengths: [Int] = []

    private static let quote = UInt8(ascii: "\""), backslash = UInt8(ascii: "\\")

    /// Whether the object has the names in the order of `bytes` and no others.
    func match(_ object: UnsafeRawBufferPointer) -> Bool {
        guard let text = object.baseAddress else { return false }
        var at = Self.pastSpace(object, 0)
        guard at < object.count, object[at] == UInt8(ascii: "{") else { return false }
        return bytes.withUnsafeBytes { names in
            guard var name = names.baseAddress else { return false }
            for length in lengths {
                // Behind the brace or the comma.
                at = Self.pastSpace(object, at &+ 1)
                guard length < object.count &- at, memcmp(text + at, name, length) == 0 else { return false }
                name += length
                at = Self.pastSpace(object, at &+ length)
                guard at < object.count, object[at] == UInt8(ascii: ":"), let end = Self.endOfValue(object, Self.pastSpace(object, at &+ 1)) else { return false }
                at = Self.pastSpace(object, end)
                guard at < object.count, object[at] == UInt8(ascii: ",") || object[at] == UInt8(ascii: "}") else { return false }
                if object[at] == UInt8(ascii: "}") { return name == names.baseAddress.map { $0 + names.count } && Self.pastSpace(object, at &+ 1) == object.count }
            }
            return false
        }
    }

    /// Takes the names of an object. False where it is none, or a name has an escape.
    mutating func read(_ object: UnsafeRawBufferPointer) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        return Self.walk(object) { name in
            bytes.append(contentsOf: name)
            lengths.append(name.count)
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
        var at = start &+ 1
        // Most strings are short: to call somebody for them takes longer than to look.
        let near = min(text.count, at &+ 24)
        while at < near {
            if text[at] == quote { return at &+ 1 }
            at &+= text[at] == backslash ? 2 : 1
        }
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
