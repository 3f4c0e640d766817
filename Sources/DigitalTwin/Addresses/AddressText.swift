import Foundation

extension ArraySlice<UInt32> {
    /// As a string.
    var text: String {
        var scalars = String.UnicodeScalarView()
        for letter in self { if let scalar = Unicode.Scalar(letter) { scalars.append(scalar) } }
        return String(scalars)
    }
}

/// The letters (Unicode scalars) of an address in the form that the rules read.
enum AddressText {
    /// Half width, simplified characters, without brackets; blanks and commas only where they part two numbers (as one blank), hyphens only
    /// where they join two.
    static func letters(of text: String) -> [UInt32] {
        var raw: [UInt32] = []
        raw.reserveCapacity(text.utf8.count)
        var isCompatible = true
        for scalar in text.unicodeScalars {
            if isCompatibility(scalar.value) { isCompatible = false; break }
            raw.append(scalar.value)
        }
        if !isCompatible { raw = text.precomposedStringWithCompatibilityMapping.unicodeScalars.map(\.value) }
        var letters: [UInt32] = []
        letters.reserveCapacity(raw.count)
        /// A blank (0x20) or a hyphen that is written if a number follows.
        var pending: UInt32?
        for letter in raw {
            switch kind(of: letter) {
            case .dropped: continue
            case .separator:
                if pending == nil { pending = 0x20 }
            case .hyphen: pending = hyphen
            case .letter(let letter):
                if let joint = pending, let last = letters.last, isCode(last), isCode(letter) { letters.append(joint) }
                pending = nil
                letters.append(Simplification.simplified(letter))
            }
        }
        return letters
    }

    static let hyphen: UInt32 = 0x2D

    private enum Kind { case letter(UInt32), separator, hyphen, dropped }

    private static func kind(of letter: UInt32) -> Kind {
        switch letter {
        // Full-width forms are ASCII 0xFEE0 higher; the most usual of compatibility forms.
        case 0xFF01...0xFF5E: kind(of: letter - 0xFEE0)
        case 0x2D, 0x5F, 0x2010...0x2015, 0x2212: .hyphen
        // ()<>[]{}"' and their Chinese kin; combining marks, zero-width letters, the byte order mark
        case 0x22, 0x27, 0x28, 0x29, 0x3C, 0x3E, 0x5B, 0x5D, 0x7B, 0x7D, 0x300...0x36F, 0x200B...0x200F, 0x2018...0x201F, 0x3008...0x3011, 0x3014...0x301B,
            0xFEFF:
            .dropped
        case 0x23, 0x26, 0x7E: .letter(letter)  // # & ~
        case 0...0x2F, 0x3A...0x40, 0x5C, 0x5E, 0x60, 0x7C, 0x7F...0xBF, 0x2000...0x206F, 0x3000...0x3003, 0x3005...0x3006: .separator
        default: .letter(letter)
        }
    }

    /// Letters that NFKC changes, apart from full-width ASCII.
    private static func isCompatibility(_ letter: UInt32) -> Bool {
        switch letter {
        case 0x2070...0x209C, 0x2100...0x218B, 0x2460...0x24FF, 0x2E80...0x2FDF, 0x3200...0x33FF, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF61...0xFFEF: true
        default: false
        }
    }

    /// Whether a letter can stand in a house number such as `12A`.
    static func isCode(_ letter: UInt32) -> Bool { isDigit(letter) || isLatin(letter) }
    static func isDigit(_ letter: UInt32) -> Bool { (0x30...0x39).contains(letter) }
    static func isLatin(_ letter: UInt32) -> Bool { (0x41...0x5A).contains(letter) || (0x61...0x7A).contains(letter) }
    static func isHan(_ letter: UInt32) -> Bool { (0x3400...0x9FFF).contains(letter) || letter == 0x3007 || letter >= 0x20000 }
}
