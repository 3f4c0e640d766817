/// Numbers of addresses: `12`, `12A`, 十二, 一二〇三, 甲.
enum AddressNumber {
    /// The end of the number that begins at `start`; nil where none does. Digits and Latin letters mix; Chinese numerals stand alone.
    static func end(in letters: ArraySlice<UInt32>, from start: Int) -> Int? {
        var end = start
        while end < letters.endIndex, AddressText.isCode(letters[end]) { end += 1 }
        if end > start { return end }
        // 百 and 千 begin no number, but many a name.
        guard end < letters.endIndex, digit(letters[end]) != nil || letters[end] == ten else { return nil }
        while end < letters.endIndex, isNumeral(letters[end]) { end += 1 }
        return end
    }

    /// The end of one of 甲乙丙丁东西南北中主, which number buildings and entrances where their unit follows at once.
    static func stem(in letters: ArraySlice<UInt32>, at start: Int) -> Int? { start < letters.endIndex && stems.contains(letters[start]) ? start + 1 : nil }

    /// The number in a reading, without what stands around it: leading zeros and the unit go, numerals become digits, letters capitals;
    /// below ground (负, 地下) it is negative. A chain keeps its hyphens.
    static func value(of letters: ArraySlice<UInt32>) -> String {
        var text = ""
        var place = letters.startIndex
        while place < letters.endIndex {
            let letter = letters[place]
            if letter == below { text = "-" }
            if let end = end(in: letters, from: place) {
                text += AddressText.isCode(letter) ? code(letters[place..<end]) : String(numeral(letters[place..<end]))
                guard end < letters.endIndex, letters[end] == AddressText.hyphen else { return text }
                text += "-"
                place = end + 1
            } else {
                if text.isEmpty, stems.contains(letter) { return letters[place...place].text }
                if letter == ground { text = "-" }
                place += 1
            }
        }
        return text
    }

    /// `0012a` → `12A`.
    private static func code(_ letters: ArraySlice<UInt32>) -> String {
        let text = letters.text.uppercased()
        let rest = text.drop { $0 == "0" }
        return rest.first?.isNumber == true ? String(rest) : String(text.suffix(max(rest.count + 1, 1)))
    }

    /// The number that numerals say: by places (一二〇三 is 1203), or by units (一百二十三).
    static func numeral(_ letters: ArraySlice<UInt32>) -> Int {
        guard letters.contains(where: { unit($0) != nil }) else {
            return letters.reduce(0) { sum, letter in sum < 100_000_000 ? sum * 10 + (digit(letter) ?? 0) : sum }
        }
        var sum = 0, last = 0
        for letter in letters {
            if let unit = unit(letter) {
                sum += max(last, 1) * unit
                last = 0
            } else {
                last = digit(letter) ?? 0
            }
        }
        return sum + last
    }

    static func isNumeral(_ letter: UInt32) -> Bool { digit(letter) != nil || unit(letter) != nil }

    private static func digit(_ letter: UInt32) -> Int? {
        switch letter {
        case 0x3007, 0x96F6: 0  // 〇零
        case 0x4E00, 0x58F9: 1  // 一壹
        case 0x4E8C, 0x4E24, 0x8D30: 2  // 二两贰
        case 0x4E09, 0x53C1: 3  // 三叁
        case 0x56DB, 0x8086: 4  // 四肆
        case 0x4E94, 0x4F0D: 5  // 五伍
        case 0x516D: 6
        case 0x4E03: 7
        case 0x516B: 8
        case 0x4E5D: 9
        default: nil
        }
    }

    private static func unit(_ letter: UInt32) -> Int? {
        switch letter {
        case ten, 0x62FE: 10
        case 0x767E: 100
        case 0x5343: 1000
        default: nil
        }
    }

    private static let ten: UInt32 = 0x5341
    /// 负
    private static let below: UInt32 = 0x8D1F
    /// 下, of 地下
    private static let ground: UInt32 = 0x4E0B
    private static let stems = Set("甲乙丙丁东西南北中主".unicodeScalars.map(\.value))
}
