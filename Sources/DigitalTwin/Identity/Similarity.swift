#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Keyed encodings of names: bit vectors whose overlap tells how alike two names are, and which name nobody without the key
/// (the CLK of Schnell, Bachteler, Reiher, “A novel error-tolerant anonymous linking code”, 2011). Adapters make them.
package enum Encoding {
    /// 64-bit words of an encoding: 512 bits.
    package static let words = 8

    /// The encoding in a text that begins with `clk1:`; nil in any other.
    package static func read(_ text: some StringProtocol) -> [UInt64]? {
        guard text.hasPrefix(prefix) else { return nil }
        var words: [UInt64] = []
        var word: UInt64 = 0, digits = 0
        for byte in text.utf8.dropFirst(prefix.utf8.count) {
            guard let digit = digit(byte) else { return nil }
            word = word << 4 | digit
            digits += 1
            if digits.isMultiple(of: 16) {
                words.append(word)
                word = 0
            }
        }
        return digits == Self.words * 16 ? words : nil
    }

    private static func digit(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x41...0x46: UInt64(byte - 0x41 + 10)
        case 0x61...0x66: UInt64(byte - 0x61 + 10)
        default: nil
        }
    }

    package static let prefix = "clk1:"

    /// Dice's coefficient of the bits of two rows; nil where either has none.
    static func similarity(_ words: [UInt64], _ left: Int, _ right: Int) -> Double? {
        var both = 0, either = 0, first = 0
        for word in 0..<Self.words {
            let a = words[left * Self.words + word], b = words[right * Self.words + word]
            both += (a & b).nonzeroBitCount
            first += a.nonzeroBitCount
            either += a.nonzeroBitCount + b.nonzeroBitCount
        }
        guard first > 0, either > first else { return nil }
        return 2 * Double(both) / Double(either)
    }
}

/// Pairs of neighbouring letters: what texts in the clear are compared by.
enum LetterPairs {
    /// The pairs of a text, its ends included, as sorted numbers.
    static func of(_ text: String) -> [UInt32] {
        var pairs: [UInt32] = []
        var last: UInt32 = 0
        for scalar in text.unicodeScalars {
            pairs.append(UInt32(truncatingIfNeeded: Hash.add(Hash.add(Hash.seed, UInt64(last)), UInt64(scalar.value))))
            last = scalar.value
        }
        pairs.append(UInt32(truncatingIfNeeded: Hash.add(Hash.add(Hash.seed, UInt64(last)), 0)))
        return pairs.sorted()
    }

    /// Dice's coefficient of two sorted lists of pairs.
    static func similarity(_ left: [UInt32], _ right: [UInt32]) -> Double {
        var both = 0, i = 0, j = 0
        while i < left.count, j < right.count {
            if left[i] == right[j] {
                both += 1
                i += 1
                j += 1
            } else if left[i] < right[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return 2 * Double(both) / Double(left.count + right.count)
    }
}

/// A place on earth, in degrees of WGS 84.
package struct GeographicPlace: Sendable, Equatable {
    package let longitude: Double
    package let latitude: Double

    static let missing = GeographicPlace(longitude: .nan, latitude: .nan)
    var isMissing: Bool { longitude.isNaN || latitude.isNaN }

    /// Metres on a sphere, as a plane between the two: good to a thousandth where they are near.
    func distance_m(to other: GeographicPlace) -> Double {
        let metres = Double.pi / 180 * 6_371_008.8
        let x = (longitude - other.longitude) * metres * cos((latitude + other.latitude) * (Double.pi / 360)), y = (latitude - other.latitude) * metres
        return (x * x + y * y).squareRoot()
    }
}

/// Dates: equal, probably meant to be, of one year, or different.
enum DateAgreement {
    /// missing, equal, a slip (one digit, two neighbours exchanged, day and month exchanged), the same year, different
    static let levels = 5

    static func level(_ left: Int32, _ right: Int32) -> Int {
        if left == right { return 1 }
        if isSlip(left, right) { return 2 }
        return left / 10_000 == right / 10_000 ? 3 : 4
    }

    private static func isSlip(_ left: Int32, _ right: Int32) -> Bool {
        if left / 10_000 == right / 10_000, left / 100 % 100 == right % 100, left % 100 == right / 100 % 100 { return true }
        // The lowest digit that differs, and how many do.
        var count = 0, lowest = 0
        var isExchanged = false
        var a = left, b = right, before = (left: Int32(0), right: Int32(0))
        for place in 0..<8 {
            let digits = (left: a % 10, right: b % 10)
            if digits.left != digits.right {
                count += 1
                if count == 1 { lowest = place }
                isExchanged = count == 2 && place == lowest + 1 && digits.left == before.right && digits.right == before.left
            }
            before = digits
            a /= 10
            b /= 10
        }
        return count == 1 || count == 2 && isExchanged
    }
}

/// A hash that is the same in every process and on every machine (FNV-1a over words, mixed).
enum Hash {
    static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    static func add(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let mixed = (hash ^ value) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ (mixed >> 32)
    }
}
