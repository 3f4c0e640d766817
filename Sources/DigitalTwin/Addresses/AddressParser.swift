/// Reads Chinese addresses: text to parts, by rules whose order is the order of an address, from the largest part to the smallest.
///
/// 1. the text's letters: half width, simplified, without brackets (`AddressText`)
/// 2. divisions, by the longest name that the gazetteer has below what was read before (`AddressReader+Divisions`)
/// 3. names and numbers in turn: roads, villages and compounds by their endings (`+Names`), numbers by their units, or by what is
///    still open at their place (`+Numbers`)
///
/// It never fails: an address without a Chinese letter passes through as it is, and what no rule understands is said to be unparsed.
package struct AddressParser: Sendable {
    let gazetteer: Gazetteer
    /// The division that decides between several of one name.
    let home: Int32?
    /// Names that are read before any rule, by their first letter.
    let lexicon: [UInt32: [[UInt32]]]

    /// Names of estates in many cities that look like a road and a number.
    private static let misleadingNames = ["公园道一号", "公园大道一号", "公园壹号", "星河湾一号"]

    /// - Parameters:
    ///   - home: the code of the division whose departments write the addresses: 310115 of Pudong, say. An address that does not say where it
    ///     is, or names one of several, is taken to lie there.
    ///   - names: compounds known by name, whole: a name such as 东方路一号院 is read as one.
    package init(gazetteer: Gazetteer = .builtIn, home: Int32? = nil, names: [String] = []) {
        self.gazetteer = gazetteer
        self.home = home
        let known = (names + Self.misleadingNames).map(AddressText.letters).filter { $0.count > 1 }
        // The longest first.
        lexicon = Dictionary(grouping: known.sorted { $0.count > $1.count }) { $0[0] }
    }

    package func parse(_ text: String) -> Address {
        let letters = AddressText.letters(of: text)
        var reader = AddressReader(letters: letters[...], parser: self)
        reader.read()
        return Address(original: text, letters: letters, readings: reader.readings, division: reader.division)
    }
}

/// One address on its way from letters to parts.
struct AddressReader {
    let letters: ArraySlice<UInt32>
    let parser: AddressParser
    var position = 0
    var readings: [AddressReading] = []
    /// The smallest division that is certain.
    var division: Int32?
    /// The smallest level of division that was read, certain or not.
    var level: Gazetteer.Level?
    /// Parts that have a reading, a bit each.
    private var filled: UInt32 = 0
    /// Whether the name read last is an estate's (小区, 花园 …): its 号 are buildings.
    var isInEstate = false
    /// Whether it is a single large building's (大厦, 市场 …): its 号 are rooms, unless a room follows.
    var isInHall = false

    init(letters: ArraySlice<UInt32>, parser: AddressParser) {
        self.letters = letters
        self.parser = parser
        readings.reserveCapacity(8)
    }

    mutating func read() {
        guard letters.contains(where: AddressText.isHan) else {
            if !letters.isEmpty { take(.unparsed, .foreign, 0..<letters.count) }
            return
        }
        readDivisions()
        while position < letters.count {
            if letters[position] == 0x20 {
                position += 1
            } else if let number = number(at: position, isDirect: true) {
                take(number)
            } else {
                readNames()
            }
        }
    }

    /// Notes a reading and goes on behind it.
    mutating func take(_ part: AddressPart, _ rule: AddressRule, _ range: Range<Int>) {
        position = range.upperBound
        filled |= part.bit
        if let last = readings.last, last.part == part, last.rule == rule, last.range.upperBound == range.lowerBound, part == .unparsed {
            readings[readings.count - 1] = AddressReading(part: part, rule: rule, range: last.range.lowerBound..<range.upperBound)
        } else {
            readings.append(AddressReading(part: part, rule: rule, range: range))
        }
    }

    /// Takes a part that is still open, else leaves the text unparsed.
    mutating func takeOpen(_ part: AddressPart, _ rule: AddressRule, _ range: Range<Int>) {
        if isOpen(part) { take(part, rule, range) } else { take(.unparsed, .second, range) }
    }

    func isOpen(_ part: AddressPart) -> Bool { filled & part.bit == 0 }

    /// Divisions that were read turn out to be said again, and better, further on.
    mutating func discardDivisions() {
        readings = readings.map { AddressReading(part: .repeated, rule: $0.rule, range: $0.range) }
        filled = AddressPart.repeated.bit
        division = nil
        level = nil
    }

    // MARK: Letters

    func letter(_ place: Int) -> UInt32 { place < letters.count ? letters[place] : 0 }

    func stands(_ word: [UInt32], at place: Int) -> Bool {
        guard word[0] == letter(place), place + word.count <= letters.count else { return false }
        return letters[place..<place + word.count].elementsEqual(word)
    }

    /// The length of the first of some words that stands at a place.
    func length(of words: [[UInt32]], at place: Int) -> Int? {
        for word in words where stands(word, at: place) { return word.count }
        return nil
    }

    /// The length of the first of some words that the text up to `end` ends with, and that leaves a name of two letters.
    func endingLength(of words: [[UInt32]], from start: Int, to end: Int) -> Int? {
        for word in words where end - word.count >= start && stands(word, at: end - word.count) { return word.count }
        return nil
    }
}

extension AddressPart {
    /// Its bit in a set of parts.
    fileprivate var bit: UInt32 {
        switch self {
        case .province: 1
        case .city: 1 << 1
        case .district: 1 << 2
        case .town: 1 << 3
        case .village: 1 << 4
        case .road: 1 << 5
        case .roadNumber: 1 << 6
        case .lane: 1 << 7
        case .compound: 1 << 8
        case .building: 1 << 9
        case .entrance: 1 << 10
        case .floor: 1 << 11
        case .room: 1 << 12
        case .repeated: 1 << 13
        case .unparsed: 1 << 14
        }
    }
}

/// Words as letters: `words("小区 新村")`.
func words(_ text: String) -> [[UInt32]] { text.split(separator: " ").map { $0.unicodeScalars.map(\.value) } }
