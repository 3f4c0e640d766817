import Schemas

/// The administrative divisions of China (行政区划), by name: 31 provinces, 342 cities, 2,978 districts and counties, 41,352 towns.
///
/// Names are no keys (there are many 市辖区 and 城关镇), codes are: each begins with the code of the division around it.
package struct Gazetteer: Sendable {
    /// What a name found.
    struct Match {
        /// The division's code.
        let code: Int32
        /// How many letters the name has.
        let length: Int
        /// Whether it is the name without its ending.
        let isShort: Bool
    }

    private struct Entry {
        let code: Int32
        let start: Int32
        let length: Int16
        let isShort: Bool
    }

    /// Every name behind the other.
    private var letters: [UInt32] = []
    private var entries: [Entry] = []
    /// Entries by the hash of their names, open addressing; -1 is free.
    private var table: [Int32] = []
    /// A bit for the first two letters of each name (their hash): most places of a text begin none.
    private var beginnings = [Bool](repeating: false, count: 1 << 16)
    private var names: [Int32: (start: Int32, length: Int16)] = [:]
    private var longest = 0

    /// The one that the binary carries; read when it is first asked for.
    package static let builtIn = Gazetteer(Schemas.text("divisions/divisions.txt") ?? "")

    /// - Parameter text: a line for each province, city and district, code and name; behind a district, each after a comma, its
    ///   towns by the last three digits of their codes.
    init(_ text: String) {
        letters.reserveCapacity(300_000)
        entries.reserveCapacity(90_000)
        names.reserveCapacity(46_000)
        var code: Int32 = 0, district: Int32 = 0, start = 0
        func finish(_ gazetteer: inout Gazetteer) {
            if start < gazetteer.letters.count { gazetteer.add(code, from: start) }
            start = gazetteer.letters.count
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9" where start == letters.count: code = code * 10 + Int32(scalar.value) - 0x30
            case ",":
                if code < 1_000_000 { district = code }
                finish(&self)
                code = district
            case "\n":
                finish(&self)
                code = 0
            case "(", ")": continue
            default: letters.append(scalar.value)
            }
        }
        index()
    }

    /// How many digits the code of each level has.
    enum Level: Int { case province = 2, city = 4, district = 6, town = 9 }

    static func level(of code: Int32) -> Level {
        switch code {
        case ..<100: .province
        case ..<10_000: .city
        case ..<1_000_000: .district
        default: .town
        }
    }

    /// Whether a division is another one or around it.
    static func contains(_ outer: Int32, _ inner: Int32) -> Bool {
        var code = inner
        while code > outer { code = parent(of: code) }
        return code == outer
    }

    /// The code of the division around one; 0 of a province.
    static func parent(of code: Int32) -> Int32 { code / (level(of: code) == .town ? 1000 : 100) }

    /// The division's own name; nil where there is no such code.
    package func name(of code: Int32) -> String? {
        names[code].map { letters[Int($0.start)..<Int($0.start) + Int($0.length)].text }
    }

    /// Calls `body` for every division whose name stands at a place, the shortest name first.
    func forEachMatch(in text: ArraySlice<UInt32>, at start: Int, _ body: (Match) -> Void) {
        guard start + 1 < text.endIndex, beginnings[Self.beginning(text[start], text[start + 1])] else { return }
        var hash = Self.seed
        for end in start..<min(start + longest, text.endIndex) {
            hash = Self.hash(hash, text[end])
            var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
            while table[slot] >= 0 {
                let entry = entries[Int(table[slot])]
                if Int(entry.length) == end + 1 - start, letters[Int(entry.start)..<Int(entry.start) + Int(entry.length)] == text[start...end] {
                    body(Match(code: entry.code, length: Int(entry.length), isShort: entry.isShort))
                }
                slot = (slot + 1) & (table.count - 1)
            }
        }
    }

    // MARK: Loading

    /// Names that stand for a level without a place of its own.
    private static let fillers: Set<String> = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"]

    private mutating func add(_ code: Int32, from start: Int) {
        let length = letters.count - start
        names[code] = (Int32(start), Int16(length))
        guard length > 1, !Self.fillers.contains(letters[start...].text) else { return }
        entries.append(Entry(code: code, start: Int32(start), length: Int16(length), isShort: false))
        longest = max(longest, length)
        let short = length - Self.endingLength(letters[start...])
        guard short >= 2, short < length else { return }
        entries.append(Entry(code: code, start: Int32(start), length: Int16(short), isShort: true))
    }

    /// How many letters of a name are its ending: 维吾尔自治区, 省, 市, 区, 县 …
    private static func endingLength(_ name: ArraySlice<UInt32>) -> Int {
        for ending in endings where name.count > ending.count && name.suffix(ending.count).elementsEqual(ending) { return ending.count }
        return 0
    }

    private static let endings = [
        "维吾尔自治区", "壮族自治区", "回族自治区", "蒙古族自治县", "土家族苗族自治州", "特别行政区", "满族自治县", "自治区", "自治州", "自治县", "地区", "新区", "街道", "省", "市",
        "区", "县", "盟", "旗", "镇", "乡",
    ].map { $0.unicodeScalars.map(\.value) }

    private mutating func index() {
        table = Array(repeating: -1, count: 1 << 18)
        for (number, entry) in entries.enumerated() {
            beginnings[Self.beginning(letters[Int(entry.start)], letters[Int(entry.start) + 1])] = true
            var hash = Self.seed
            for letter in letters[Int(entry.start)..<Int(entry.start) + Int(entry.length)] { hash = Self.hash(hash, letter) }
            var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
            while table[slot] >= 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = Int32(number)
        }
    }

    private static func beginning(_ first: UInt32, _ second: UInt32) -> Int { Int(truncatingIfNeeded: hash(hash(seed, first), second)) & 0xFFFF }

    /// FNV-1a over letters, folded so that its low bits depend on all of them.
    private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325
    private static func hash(_ hash: UInt64, _ letter: UInt32) -> UInt64 {
        let mixed = (hash ^ UInt64(letter)) &* 0x0000_0100_0000_01B3
        return mixed ^ (mixed >> 29)
    }
}
