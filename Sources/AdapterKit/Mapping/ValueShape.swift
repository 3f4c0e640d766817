import RecordFormats

/// What a value looks like without saying what it is: digits become 9, Latin letters A, other letters 字.
///
/// `2024/5/1` becomes `9999/9/9`; messages may show this, never the value.
func shape(of value: Value) -> String {
    guard let text = value.string else { return "a value of the kind \(value.kindName)" }
    var shape = ""
    var count = 0
    for scalar in text.unicodeScalars {
        count += 1
        guard count <= 24 else { break }
        switch scalar.value {
        case 0x30...0x39, 0xFF10...0xFF19: shape += "9"
        case 0x41...0x5A, 0x61...0x7A: shape += "A"
        case 0x20...0x7E: shape.unicodeScalars.append(scalar)
        case 0..<0x20, 0x7F: shape += "�"
        default: shape += "字"
        }
    }
    if count > 24 { shape += "…" }
    return "the shape \"\(shape)\""
}

extension String {
    /// Without the white space around it, that of CJK texts (U+3000) and the BOM included. Cheap where there is none.
    var trimmed: String {
        let utf8 = self.utf8
        guard let first = utf8.first, let last = utf8.last else { return self }
        // White space is ASCII, or begins with C2 (U+00A0), E2 (U+2000…), E3 (U+3000), EF (U+FEFF), and ends with a continuation byte.
        if first > 0x20 && first != 0xC2 && first != 0xE2 && first != 0xE3 && first != 0xEF && last > 0x20 && last < 0x80 { return self }
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.isBlank }), let end = scalars.lastIndex(where: { !$0.isBlank }) else { return "" }
        if start == scalars.startIndex, scalars.index(after: end) == scalars.endIndex { return self }
        return String(scalars[start...end])
    }

    /// Whether there is nothing but white space in it.
    var isBlank: Bool {
        guard let first = utf8.first else { return true }
        if first > 0x20 && first < 0x7F { return false }
        return unicodeScalars.allSatisfy(\.isBlank)
    }
}

extension Unicode.Scalar {
    fileprivate var isBlank: Bool {
        switch value {
        case 0x09...0x0D, 0x20, 0xA0, 0x2000...0x200B, 0x2028, 0x2029, 0x3000, 0xFEFF: true
        default: false
        }
    }
}
