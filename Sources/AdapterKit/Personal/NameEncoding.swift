import Foundation

/// Keyed encodings of names that keep their similarity: how alike two names are can be told from their encodings, and which names they are
/// cannot be told without the key. So registers of several departments are matched without any name in the log.
///
/// A cryptographic long-term key (Schnell, Bachteler, Reiher, “A novel error-tolerant anonymous linking code”, 2011): a Bloom filter of 512
/// bits over the pieces of a name, each piece setting 8 bits that HMAC-SHA-256 chooses (independent positions, not two hashes combined:
/// Niedermeyer et al., “Cryptanalysis of basic Bloom filters used for privacy preserving record linkage”, 2014).
///
/// Pieces of a Latin name are its pairs of letters, ends included. Of a Chinese name they are its characters, their pairs, and the syllables
/// in pinyin: so that exchanged characters and others of the same sound stay near.
///
/// **Weakness**: equal names give equal encodings, so whoever holds the encodings of a whole town can count them and guess that the most
/// frequent one is the most frequent name, and from there find frequent pieces. An encoding is therefore still personal data: it belongs
/// only into payloads that analysts do not read, and its key stays with the hub.
package struct NameEncoding: Sendable {
    /// Bits of an encoding, and how many of them a piece sets.
    static let bits = 512, bitsOfPiece = 8
    /// What an encoding begins with: form and version.
    static let prefix = "clk1:"

    private let key: [UInt8]

    /// - Parameter key: the hub's for pseudonyms; encodings get one of their own from it.
    init(key: [UInt8]) { self.key = Sealing.code(Array(Self.prefix.utf8), key: key) }

    /// For samples and tests: the same everywhere, protecting nobody.
    package static let forSamples = NameEncoding(key: Keys.forSamples.pseudonym)

    /// `clk1:` and 128 hexadecimal digits; nil of a text without a letter or digit.
    ///
    /// Upper and lower case, full and half width, and what is no letter or digit make no difference.
    package func encode(_ text: String) -> String? {
        let pieces = Self.pieces(of: text)
        guard !pieces.isEmpty else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.bits / 8)
        for piece in pieces {
            let code = Sealing.code(Array(piece.utf8), key: key)
            for number in 0..<Self.bitsOfPiece {
                let bit = (Int(code[2 * number]) << 8 | Int(code[2 * number + 1])) % Self.bits
                bytes[bit / 8] |= 0x80 >> UInt8(bit % 8)
            }
        }
        return Self.prefix + bytes.hexadecimal
    }

    static func pieces(of text: String) -> Set<String> {
        let letters = text.precomposedStringWithCompatibilityMapping.uppercased().filter { $0.isLetter || $0.isNumber }.map(String.init)
        guard let first = letters.first, let last = letters.last else { return [] }
        var pieces = Set(zip(letters, letters.dropFirst()).map { $0 + $1 })
        pieces.formUnion(["^" + first, last + "$"])
        for letter in letters {
            guard let syllable = Pinyin.syllable(of: letter) else { continue }
            pieces.formUnion([letter, "~" + syllable])
        }
        return pieces
    }
}

/// How Chinese characters are read, without tones, by ICU's table, which Foundation carries.
enum Pinyin {
    private static let first: UInt32 = 0x4E00, last: UInt32 = 0x9FFF

    /// The syllable of one character; nil where it is none.
    static func syllable(of letter: String) -> String? {
        guard let scalar = letter.unicodeScalars.first, (first...last).contains(scalar.value) else { return nil }
        let place = Int(scalar.value - first)
        return place < syllables.count ? syllables[place] : letter
    }

    /// Of every character; made when the first Chinese name is met. Where the platform has no such table, a character is read as itself.
    private static let syllables: [String] = {
        let all = (first...last).compactMap { Unicode.Scalar($0).map(String.init) }.joined(separator: " ")
        let read = all.applyingTransform(.mandarinToLatin, reverse: false)?.applyingTransform(.stripDiacritics, reverse: false)
        let syllables = read?.split(separator: " ").map(String.init) ?? []
        return syllables.count == Int(last - first) + 1 ? syllables : []
    }()
}
