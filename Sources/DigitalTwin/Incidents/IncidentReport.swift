/// A case as one report of an incident: what is compared of it, and with which others it is compared.
struct IncidentReport {
    /// The case's id.
    let id: String
    /// Seconds since 1970: when it was received.
    let at: Int64
    let values: [ClaimValue]
    /// Reports are compared that share one of these.
    let blocks: [Int64]

    /// What the twin knows of a case.
    struct Source {
        var id: String
        /// Microseconds since 1970.
        var received_us: Int64
        var category: String?
        var subcategory: String?
        var description: String?
        var address: String?
        /// The building that it belongs to.
        var building: String?
        var longitude: Double?
        var latitude: Double?
    }

    init(_ source: Source, _ reader: inout ReportReader) {
        id = source.id
        at = Self.floorDivide(source.received_us, 1_000_000)
        let (door, house, room) = reader.address(source.address)
        let troubles = reader.words.troubles(category: source.category, subcategory: source.subcategory, description: source.description)
        let place = ClaimSite(
            names: [source.building, door, house], room: room, isHome: troubles.first.map(reader.words.areOfAHome.contains) ?? false, longitude: source.longitude,
            latitude: source.latitude)
        values = [
            .site(place), .codes(troubles, areOwn: troubles.first?.hasPrefix(TroubleWords.asWritten) == true), .text(Self.saysMore(source) ? source.description : nil), .moment(at),
        ]
        blocks = Self.blocks(place, at)
    }

    /// Whether the description is a text of somebody's own: a heading told again, a value of a catalogue, or a word that is all that a source lets out tells
    /// the trouble and nothing beside it. That is five Chinese characters or three words.
    private static func saysMore(_ source: Source) -> Bool {
        guard let description = source.description else { return false }
        func words(_ text: String?) -> [Substring] { text?.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "_" } ?? [] }
        let headings = Set(words(source.category) + words(source.subcategory))
        return words(description).reduce(0) { sum, word in
            if headings.contains(word) { return sum }
            return sum + (word.utf8.allSatisfy { $0 < 128 } ? 2 : word.unicodeScalars.count)
        } >= 5
    }

    /// Two spans of time, one half of it behind the other: two reports within a half of a span always share one.
    static let span_s: Int64 = 4 * 86_400
    /// Two grids, one half a cell behind the other in both directions: two places nearby hardly ever share none.
    private static let cell = (longitude: 0.006, latitude: 0.005)

    private static func blocks(_ place: ClaimSite, _ at: Int64) -> [Int64] {
        var places: [UInt64] = []
        func add(_ kind: UInt64, _ value: UInt64) { places.append(Hash.add(Hash.add(Hash.seed, kind), value)) }
        for kind in 0..<4 where place.names[kind] != 0 { add(UInt64(kind), place.names[kind]) }
        if place.isPoint, abs(place.longitude) <= 180, abs(place.latitude) <= 90 {
            for (kind, shift) in [(10, 0.0), (11, 0.5)] as [(UInt64, Double)] {
                let x = Int64((place.longitude / cell.longitude + shift).rounded(.down)), y = Int64((place.latitude / cell.latitude + shift).rounded(.down))
                add(kind, UInt64(bitPattern: x << 32 ^ y))
            }
        }
        let spans = [floorDivide(at, span_s), floorDivide(at + span_s / 2, span_s)]
        return places.flatMap { place in
            spans.enumerated().map { Int64(bitPattern: Hash.add(Hash.add(place, UInt64($0.offset)), UInt64(bitPattern: $0.element))) }
        }
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((-a + b - 1) / b) }
}

/// Reads what reports say in words.
struct ReportReader {
    let words = TroubleWords.builtIn
    private let parser = AddressParser()
    /// Addresses repeat: whoever calls about one house calls about it again.
    private var known: [String: (door: String?, house: String?, room: String?)] = [:]

    /// A place as a street's door (road, lane, number) and as a compound's building: departments use the one or the other, and one says nothing about
    /// the other. Another room says nothing against: neighbours report from their own.
    mutating func address(_ text: String?) -> (door: String?, house: String?, room: String?) {
        guard let text else { return (nil, nil, nil) }
        if let found = known[text] { return found }
        if known.count > 50_000 { known.removeAll() }
        let found = read(text)
        known[text] = found
        return found
    }

    /// The door (0) and the house (1) that an address names, as hashes.
    mutating func places(_ text: String?) -> [(rank: Int16, place: Int64)] {
        let (door, house, _) = address(text)
        return [(Int16(0), door), (1, house)].compactMap { rank, name in name.map { (rank, Self.place(rank, $0)) } }
    }

    /// The doors and houses that a building's claim gives it, as hashes: by its address, its name, and its number under each name of its compound.
    mutating func places(name: String?, address: String?, compound names: [String]) -> Set<Int64> {
        // A name may be anything; what names a compound and a number is a house.
        let own = self.address(address), named = self.address(name)
        var houses = [own.house, named.house].compactMap(\.self)
        if let house = houses.first, let cut = house.lastIndex(of: "|") {
            houses += names.compactMap { self.address("\($0)\(house[cut...].dropFirst())幢").house }
        }
        return Set(houses.map { Self.place(1, $0) } + (own.door.map { [Self.place(0, $0)] } ?? []))
    }

    private static func place(_ rank: Int16, _ name: String) -> Int64 {
        Int64(bitPattern: Hash.add(name.utf8.reduce(Hash.seed) { Hash.add($0, UInt64($1)) }, UInt64(bitPattern: Int64(rank))))
    }

    private func read(_ text: String) -> (door: String?, house: String?, room: String?) {
        let address = parser.parse(text)
        var door: String?, house: String?
        if let road = address[.road], let number = address[.lane] ?? address[.roadNumber] {
            let entrance = address[.lane] == nil ? nil : address[.entrance] ?? address[.roadNumber]
            if address[.lane] == nil || entrance != nil { door = [road, number, entrance ?? ""].joined(separator: "|") }
        }
        if let compound = address[.compound], let building = address[.building] { house = [compound, building].joined(separator: "|") }
        // Of another country: as written, if it names a number. A text without one says no place.
        if address.readings.allSatisfy({ $0.rule == .foreign }), text.utf8.contains(where: { (48...57).contains($0) }) { door = text.uppercased() }
        let room = address[.room].map { "\($0)" }
        return (door, house, room)
    }
}
