/// The attributes by which claims of one kind are compared: a column for each, a row for each claim.
///
/// Columns lie in flat arrays, so that a million claims are a few hundred megabytes and a comparison touches no object.
package struct ClaimTable: Sendable {
    package let attributes: [ComparedAttribute]
    private(set) var columns: [Column]
    /// The claims' ids, by row.
    package private(set) var ids: [String] = []

    enum Column: Sendable {
        /// 0 is missing.
        case codes([UInt64])
        /// Eight words a row; all 0 is missing.
        case encodings([UInt64])
        /// Hashes of pairs of letters, sorted; empty is missing.
        case texts([[UInt32]])
        /// `yyyymmdd`; 0 is missing.
        case dates([Int32])
        /// Not a number is missing.
        case places([GeographicPlace])
        /// Seconds since 1970; the smallest number is missing.
        case moments([Int64])
        case sites([ClaimSite])
        /// Up to four a row, 0 where there are no more.
        case codeSets([SIMD4<UInt64>])
    }

    package init(_ attributes: [ComparedAttribute]) {
        self.attributes = attributes
        columns = attributes.map { attribute in
            switch attribute.form {
            case .code: .codes([])
            case .encoding: .encodings([])
            case .text: .texts([])
            case .date: .dates([])
            case .place: .places([])
            case .moment: .moments([])
            case .site: .sites([])
            case .codes: .codeSets([])
            }
        }
    }

    package var count: Int { ids.count }

    /// Adds a row; values stand in the order of the attributes, and a value of another form counts as missing.
    package mutating func append(_ id: String, _ values: [ClaimValue]) {
        ids.append(id)
        for index in columns.indices { columns[index].append(index < values.count ? values[index] : .missing) }
    }

    /// Puts other values into a row.
    package mutating func replace(_ row: Int, _ values: [ClaimValue]) {
        for index in columns.indices { columns[index].replace(row, index < values.count ? values[index] : .missing) }
    }

    /// A number that is the same for equal values; nil where the value is missing. What blocks are made of.
    func fingerprint(_ column: Int, _ row: Int) -> UInt64? {
        switch columns[column] {
        case .codes(let codes): return codes[row] == 0 ? nil : codes[row]
        case .dates(let dates): return dates[row] == 0 ? nil : UInt64(truncatingIfNeeded: Int(dates[row]))
        case .encodings(let words):
            let value = words[row * Encoding.words..<(row + 1) * Encoding.words]
            return value.allSatisfy { $0 == 0 } ? nil : value.reduce(Hash.seed, Hash.add)
        // Neighbours may lie in two squares of any grid.
        case .places: return nil
        case .texts(let texts): return texts[row].isEmpty ? nil : texts[row].reduce(Hash.seed) { Hash.add($0, UInt64($1)) }
        // What is merely near makes no block by itself.
        case .moments(let moments): return moments[row] == .min ? nil : UInt64(bitPattern: moments[row])
        case .sites(let sites): return (0..<4).map { sites[row].names[$0] }.first { $0 != 0 }
        case .codeSets(let sets): return sets[row][0] == 0 ? nil : sets[row][0]
        }
    }

    /// A number that is the same for values which every comparison holds for the same; 0 where the value is missing.
    func value(_ column: Int, _ row: Int) -> UInt64 {
        switch columns[column] {
        case .places(let places): return places[row].isMissing ? 0 : Hash.add(Hash.add(Hash.seed, places[row].longitude.bitPattern), places[row].latitude.bitPattern)
        case .sites(let sites):
            let site = sites[row], names = (0..<4).reduce(Hash.add(Hash.seed, site.room ^ (site.isHome ? 1 : 0))) { Hash.add($0, site.names[$1]) }
            return Hash.add(Hash.add(names, site.longitude.bitPattern), site.latitude.bitPattern)
        case .codeSets(let sets): return sets[row][0] == 0 ? 0 : (0..<4).reduce(Hash.seed) { Hash.add($0, sets[row][$1]) }
        default: return fingerprint(column, row) ?? 0
        }
    }

    /// How two rows agree in one attribute: 0 where either is missing, 1 where they are equal, higher the less they agree.
    func level(_ column: Int, _ left: Int, _ right: Int) -> Int {
        switch columns[column] {
        case .codes(let codes):
            guard codes[left] != 0, codes[right] != 0 else { return 0 }
            return codes[left] == codes[right] ? 1 : 2
        case .dates(let dates):
            guard dates[left] != 0, dates[right] != 0 else { return 0 }
            return DateAgreement.level(dates[left], dates[right])
        case .encodings(let words):
            guard let similarity = Encoding.similarity(words, left, right) else { return 0 }
            return attributes[column].level(of: similarity)
        case .texts(let texts):
            guard !texts[left].isEmpty, !texts[right].isEmpty else { return 0 }
            return attributes[column].level(of: LetterPairs.similarity(texts[left], texts[right]))
        case .places(let places):
            guard !places[left].isMissing, !places[right].isMissing else { return 0 }
            return attributes[column].level(ofDistance: places[left].distance_m(to: places[right]))
        case .moments(let moments):
            guard moments[left] != .min, moments[right] != .min else { return 0 }
            return Nearness.level(Double(abs(moments[left] - moments[right])), attributes[column].steps)
        case .sites(let sites): return sites[left].level(sites[right], attributes[column].steps)
        case .codeSets(let sets):
            let (a, b) = (sets[left], sets[right])
            guard a[0] != 0, b[0] != 0, (a[0] ^ b[0]) & 1 == 0 else { return 0 }
            if a[0] == b[0] { return 1 }
            return (0..<4).contains { one in a[one] != 0 && (0..<4).contains { b[$0] == a[one] } } ? 2 : 3
        }
    }
}

extension ClaimTable.Column {
    mutating func append(_ value: ClaimValue) {
        switch self {
        case .codes(var codes):
            self = .dates([])
            codes.append(value.code)
            self = .codes(codes)
        case .encodings(var words):
            self = .dates([])
            words.append(contentsOf: value.encoding)
            self = .encodings(words)
        case .texts(var texts):
            self = .dates([])
            texts.append(value.pairs)
            self = .texts(texts)
        case .dates(var dates):
            self = .codes([])
            dates.append(value.date)
            self = .dates(dates)
        case .places(var places):
            self = .codes([])
            places.append(value.place)
            self = .places(places)
        case .moments(var moments):
            self = .codes([])
            moments.append(value.moment)
            self = .moments(moments)
        case .sites(var sites):
            self = .codes([])
            sites.append(value.site)
            self = .sites(sites)
        case .codeSets(var sets):
            self = .codes([])
            sets.append(value.codes)
            self = .codeSets(sets)
        }
    }

    mutating func replace(_ row: Int, _ value: ClaimValue) {
        switch self {
        case .codes(var codes):
            self = .dates([])
            codes[row] = value.code
            self = .codes(codes)
        case .encodings(var words):
            self = .dates([])
            words.replaceSubrange(row * Encoding.words..<(row + 1) * Encoding.words, with: value.encoding)
            self = .encodings(words)
        case .texts(var texts):
            self = .dates([])
            texts[row] = value.pairs
            self = .texts(texts)
        case .dates(var dates):
            self = .codes([])
            dates[row] = value.date
            self = .dates(dates)
        case .places(var places):
            self = .codes([])
            places[row] = value.place
            self = .places(places)
        case .moments(var moments):
            self = .codes([])
            moments[row] = value.moment
            self = .moments(moments)
        case .sites(var sites):
            self = .codes([])
            sites[row] = value.site
            self = .sites(sites)
        case .codeSets(var sets):
            self = .codes([])
            sets[row] = value.codes
            self = .codeSets(sets)
        }
    }
}

/// One attribute of a claim, as it is compared.
package enum ClaimValue: Sendable, Equatable {
    case missing
    /// Equal or not: a keyed hash, a house number.
    case code(UInt64)
    /// A keyed encoding that keeps similarity (`Encoding.words` words).
    case encoding([UInt64])
    /// Text in the clear, by its pairs of letters (`LetterPairs`).
    case text([UInt32])
    /// `yyyymmdd`
    case date(Int32)
    /// Longitude and latitude.
    case place(GeographicPlace)
    /// Seconds since 1970.
    case moment(Int64)
    case site(ClaimSite)
    /// Several codes, the weightiest first. Odd ones are of a common list; one of somebody's own words is even, and says nothing about those.
    case codeSet(SIMD4<UInt64>)

    /// Codes of up to four texts.
    /// - Parameter areOwn: whether they are of no list that others have too.
    package static func codes(_ texts: [String], areOwn: Bool = false) -> ClaimValue {
        var set = SIMD4<UInt64>.zero
        for (at, text) in texts.prefix(4).enumerated() { set[at] = ClaimValue.code(text).code &- (areOwn ? 1 : 0) }
        return texts.isEmpty ? .missing : .codeSet(set)
    }

    /// A code of a text; missing where there is none.
    package static func code(_ text: String?) -> ClaimValue {
        guard let text, !text.isEmpty else { return .missing }
        return .code(text.utf8.reduce(Hash.seed) { Hash.add($0, UInt64($1)) } | 1)
    }

    /// A text in the clear; missing where there is none.
    package static func text(_ text: String?) -> ClaimValue {
        guard let text, !text.isEmpty else { return .missing }
        return .text(LetterPairs.of(text))
    }

    fileprivate var code: UInt64 { if case .code(let code) = self { code } else { 0 } }
    fileprivate var date: Int32 { if case .date(let date) = self { date } else { 0 } }
    fileprivate var place: GeographicPlace { if case .place(let place) = self { place } else { .missing } }
    fileprivate var moment: Int64 { if case .moment(let moment) = self { moment } else { .min } }
    fileprivate var site: ClaimSite { if case .site(let site) = self { site } else { ClaimSite() } }
    fileprivate var codes: SIMD4<UInt64> { if case .codeSet(let set) = self { set } else { .zero } }
    fileprivate var pairs: [UInt32] { if case .text(let pairs) = self { pairs } else { [] } }
    fileprivate var encoding: [UInt64] {
        if case .encoding(let words) = self, words.count == Encoding.words { words } else { Array(repeating: 0, count: Encoding.words) }
    }
}

/// How an attribute of a kind is compared.
package struct ComparedAttribute: Sendable, Hashable, Codable {
    package enum Form: String, Sendable, Codable { case code, encoding, text, date, place, moment, site, codes }

    package let name: String
    package let form: Form
    /// Of encodings and texts: from which similarity (Dice, 0 to 1) on the levels begin after “equal”, the highest first. Of places and sites (metres) and
    /// moments (seconds): up to which distance the levels reach, the smallest first; of places and moments the first of them is “equal”.
    package let steps: [Double]

    package init(_ name: String, _ form: Form, steps: [Double] = [0.85, 0.65]) {
        self.name = name
        self.form = form
        self.steps = [.code, .codes, .date].contains(form) ? [] : steps
    }

    /// How many levels there are, missing included.
    var levels: Int {
        switch form {
        case .code: 3
        // Missing, the first of both is the same, some are in both, none is.
        case .codes: 4
        case .date: DateAgreement.levels
        case .encoding, .text: steps.count + 3
        case .place: steps.count + 2
        case .moment: steps.count + 2
        case .site: steps.count + 4
        }
    }

    func level(ofDistance distance_m: Double) -> Int { (steps.firstIndex { distance_m <= $0 } ?? steps.count) + 1 }

    func level(of similarity: Double) -> Int {
        similarity >= 1 ? 1 : (steps.firstIndex { similarity >= $0 } ?? steps.count) + 2
    }
}
