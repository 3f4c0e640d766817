import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension JSONView {
    /// A number, or a text that holds one: the nearest double. Nil for anything else, and for what a double cannot hold.
    package var double: Double? {
        switch kind {
        case .number: parseDouble(bytes)
        case .text where bytes.count > 2: parseDouble(UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)]))
        case .bool: bytes.first == UInt8(ascii: "t") ? 1 : 0
        default: nil
        }
    }

    /// The number rounded to the nearest integer; nil where it does not fit.
    package var integer: Int32? { double.flatMap { Int32(exactly: $0.rounded()) } }

    /// The text in UTF-8 with escapes resolved; of a number or truth value what is written; of an array or object its JSON. Nil for null and for an empty text.
    package var text: [UInt8]? { withText { Array($0) } }

    /// Hands over the bytes that `text` would give, without a copy where nothing is escaped.
    /// - Returns: nil where `text` is nil.
    package func withText<T>(_ body: (UnsafeRawBufferPointer) -> T) -> T? {
        switch kind {
        case .null: return nil
        case .text: break
        default: return body(bytes)
        }
        guard bytes.count > 2 else { return nil }
        let inner = UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])
        guard let start = inner.baseAddress, memchr(start, 0x5C, inner.count) != nil else { return body(inner) }
        return unescape(inner).withUnsafeBytes(body)
    }

    /// A moment as RFC 3339 writes it, with its zone; nil for anything else.
    package var moment: Timestamp? {
        guard kind == .text, bytes.count > 2 else { return nil }
        let inner = UnsafeRawBufferPointer(rebasing: bytes[1..<(bytes.count - 1)])
        return utcMoment(inner) ?? Timestamp(iso8601: inner)
    }
}

/// The common form `2024-05-01T04:00:03Z`, without an allocation.
private func utcMoment(_ bytes: UnsafeRawBufferPointer) -> Timestamp? {
    guard bytes.count == 20, bytes[4] == 0x2D, bytes[7] == 0x2D, bytes[10] == 0x54, bytes[13] == 0x3A, bytes[16] == 0x3A, bytes[19] == 0x5A
    else { return nil }
    func digits(_ from: Int, _ count: Int) -> Int {
        var value = 0
        for at in from..<(from + count) {
            guard bytes[at] >= 48, bytes[at] <= 57 else { return -1 }
            value = value * 10 + Int(bytes[at] - 48)
        }
        return value
    }
    return Timestamp(
        year: digits(0, 4), month: digits(5, 2), day: digits(8, 2), hour: digits(11, 2), minute: digits(14, 2), second: digits(17, 2))
}

private let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

/// Digits below 2^53 with at most 22 decimals are one exact division away from the nearest double (W. Clinger, "How to
/// read floating point numbers accurately", 1990); the rest goes to Swift's own reader.
private func parseDouble(_ bytes: UnsafeRawBufferPointer) -> Double? {
    var at = 0, mantissa: UInt64 = 0, decimals = 0, digits = 0, anyDigit = false, afterPoint = false
    let negative = bytes.first == UInt8(ascii: "-")
    if negative { at = 1 }
    while at < bytes.count {
        let byte = bytes[at]
        if byte >= 48, byte <= 57 {
            guard digits < 18 else { return slowDouble(bytes) }
            anyDigit = true
            mantissa = mantissa * 10 + UInt64(byte - 48)
            if mantissa > 0 { digits += 1 }
            if afterPoint { decimals += 1 }
        } else if byte == UInt8(ascii: "."), !afterPoint {
            afterPoint = true
        } else {
            return slowDouble(bytes)
        }
        at += 1
    }
    guard anyDigit else { return nil }
    guard mantissa < 1 << 53, decimals <= 22 else { return slowDouble(bytes) }
    let value = Double(mantissa) / powersOfTen[decimals]
    return negative ? -value : value
}

private func slowDouble(_ bytes: UnsafeRawBufferPointer) -> Double? {
    // Swift's reader takes the whole text or nothing, and no locale.
    guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
    return value
}

/// Resolves the escapes of RFC 8259, section 7. A lone surrogate was refused at the door; here it becomes U+FFFD.
private func unescape(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    var at = 0
    func hex(_ from: Int) -> UInt32? {
        guard from + 4 <= bytes.count else { return nil }
        return UInt32(String(decoding: bytes[from..<(from + 4)], as: UTF8.self), radix: 16)
    }
    while at < bytes.count {
        guard bytes[at] == 0x5C, at + 1 < bytes.count else { out.append(bytes[at]); at += 1; continue }
        let escape = bytes[at + 1]
        at += 2
        switch escape {
        case UInt8(ascii: "n"): out.append(0x0A)
        case UInt8(ascii: "t"): out.append(0x09)
        case UInt8(ascii: "r"): out.append(0x0D)
        case UInt8(ascii: "b"): out.append(0x08)
        case UInt8(ascii: "f"): out.append(0x0C)
        case UInt8(ascii: "u"):
            var code = hex(at) ?? 0xFFFD
            at = min(at + 4, bytes.count)
            if (0xD800..<0xDC00).contains(code), at + 6 <= bytes.count, bytes[at] == 0x5C, let low = hex(at + 2), (0xDC00..<0xE000).contains(low) {
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                at += 6
            }
            out.append(contentsOf: String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
        default: out.append(escape)
        }
    }
    return out
}
