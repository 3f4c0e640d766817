import Foundation

/// Traditional characters as simplified ones, by ICU's table (`Hant-Hans`), which Foundation carries.
enum Simplification {
    private static let first: UInt32 = 0x4E00, last: UInt32 = 0x9FFF

    /// A letter that GB 2312, the set of simplified characters, does not have becomes its simplified form. Those that it has stay:
    /// ICU would also change characters that are used in simplified names (乾, 著, 藉).
    static func simplified(_ letter: UInt32) -> UInt32 {
        guard (first...last).contains(letter), !isSimplified(letter) else { return letter }
        return forms[Int(letter - first)]
    }

    private static func isSimplified(_ letter: UInt32) -> Bool {
        let place = Int(letter - first)
        return gb2312[place >> 6] & (1 << UInt64(place & 63)) != 0
    }

    /// One bit for each character of GB 2312 (rows 16 to 87).
    private static let gb2312: [UInt64] = {
        var bits = [UInt64](repeating: 0, count: Int(last - first) / 64 + 1)
        var bytes: [UInt8] = []
        for row: UInt8 in 0xB0...0xF7 {
            // Row 87 ends five cells earlier.
            for cell: UInt8 in 0xA1...(row == 0xD7 ? 0xF9 : 0xFE) { bytes += [row, cell] }
        }
        // NSGB18030_2000 of Foundation, a superset whose two-byte rows are GB 2312's.
        let encoding = String.Encoding(rawValue: 0x8000_0632)
        for scalar in (String(bytes: bytes, encoding: encoding) ?? "").unicodeScalars where (first...last).contains(scalar.value) {
            let place = Int(scalar.value - first)
            bits[place >> 6] |= 1 << UInt64(place & 63)
        }
        return bits
    }()

    /// The simplified form of every character; made when the first traditional one is met (0.2 s).
    private static let forms: [UInt32] = {
        let all = (first...last).compactMap { Unicode.Scalar($0).map(String.init) }.joined(separator: " ")
        let forms = all.applyingTransform(StringTransform("Hant-Hans"), reverse: false)?.split(separator: " ").map { $0.unicodeScalars.first?.value ?? 0 } ?? []
        // Where the platform has no such transform, characters stay as they are.
        return forms.count == Int(last - first) + 1 ? forms : Array(first...last)
    }()
}
