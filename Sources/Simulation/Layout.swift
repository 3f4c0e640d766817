/// A compound 小区: buildings that stand together, with one road and lane and one property company.
struct Compound {
    var index: Int
    var name: String
    var aliases: [String]
    var road: String
    var lane: Int
    var manager: String
    var builtYear: Int
    var buildings: ClosedRange<Int>
    /// The property company's own number.
    var code: String { "XQ" + CivilDate.padded(index + 1, 4) }
}

/// A building with homes in it.
struct Building {
    var index: Int
    /// The base map's number.
    var baseMap: Int
    var compound: Int
    /// 幢 in the compound.
    var number: Int
    var entrances: Int
    /// 号 of the first entrance, counted through the compound.
    var firstDoor: Int
    var floors: Int
    var homesPerFloor: Int
    /// Inside the footprint, as it is written.
    var place: Place
    var homes: Range<Int>
    /// The police register's address code; 9901 is no division's code.
    var policeCode: String { "9901" + CivilDate.padded((index &* 7_919 &+ 40_009) % 100_000_000, 8) }
    /// The property company's number.
    var propertyCode: String { "LY" + CivilDate.padded(compound + 1, 3) + CivilDate.padded(number, 3) }
}

/// One home.
struct Home {
    var index: Int
    var building: Int
    var entrance: Int
    var floor: Int
    var room: String
    /// The household that lives here; `nil` where nobody does.
    var household: Int?
    var areaDecimetres: Int  // m² × 10
    var code: String { "HS" + CivilDate.padded(index + 1, 7) }
}

/// The streets, compounds, buildings and homes of a run. Its size depends on the base map, never on the households:
/// homes are computed from their number.
struct Layout {
    let seed: UInt64
    let households: Int
    private(set) var compounds: [Compound] = []
    private(set) var buildings: [Building] = []

    /// One home in fifteen is empty; which one of the fifteen is drawn.
    private static let homesInBlock = 15
    var homeCount: Int { households + (households + Layout.homesInBlock - 2) / (Layout.homesInBlock - 1) }

    init(footprints: [Footprint], seed: UInt64, households: Int) throws(SimulationError) {
        self.seed = seed
        self.households = households
        let sites = Layout.chooseSites(footprints, seed: seed, households: households)
        guard !sites.isEmpty else {
            throw SimulationError(
                .data, "The base map has no building with a footprint.", location: "--buildings",
                advice: "Give a GeoJSON file with polygons whose property kind is building.")
        }
        place(sites)
    }

    private typealias Site = (footprint: Footprint, place: Place)

    /// Residential buildings around a point that the seed chooses; where they are too few, buildings of no stated
    /// purpose, and at last all. About twelve households a building, as long as there are buildings.
    private static func chooseSites(_ footprints: [Footprint], seed: UInt64, households: Int) -> [Site] {
        let all = footprints.compactMap { f in f.interiorPoint.map { Site(f, $0) } }.sorted { $0.footprint.id < $1.footprint.id }
        let residential = all.filter { $0.footprint.isResidential }
        var draw = Draw(seed, .layout)
        guard
            let centre = (residential.isEmpty ? all : residential).indices.randomIndex(&draw).map({
                (residential.isEmpty ? all : residential)[$0].place
            })
        else { return [] }
        let wanted = max(6, households / 12)
        func rank(_ site: Site) -> Int { site.footprint.isResidential ? 0 : site.footprint.couldBeResidential ? 1 : 2 }
        let ordered = all.sorted {
            (rank($0), $0.place.squaredDistance(to: centre), $0.footprint.id) < (
                rank($1), $1.place.squaredDistance(to: centre), $1.footprint.id
            )
        }
        return Array(ordered.prefix(wanted))
    }

    private mutating func place(_ sites: [Site]) {
        var free = sites
        let weights = sites.map { max(60, min($0.footprint.areaSquareMetres, 2500)) }
        let totalWeight = max(1, weights.reduce(0, +))
        let homes = homeCount
        var weightSoFar = 0
        let reach = Place.unitsPerDegree / 400  // about 280 m
        while let head = free.first {
            var draw = Draw(seed, .compound, compounds.count)
            let size = draw.between(3...10)
            let near = free.enumerated().sorted {
                ($0.element.place.squaredDistance(to: head.place), $0.offset) < (
                    $1.element.place.squaredDistance(to: head.place), $1.offset
                )
            }
            .prefix(size).filter { $0.element.place.squaredDistance(to: head.place) <= reach * reach }
            let taken = Set(near.map(\.offset))
            let first = buildings.count
            let compound = makeCompound(index: compounds.count, buildings: first...(first + near.count - 1), &draw)
            compounds.append(compound)
            var door = 1
            for (number, entry) in near.enumerated() {
                let weight = max(60, min(entry.element.footprint.areaSquareMetres, 2500))
                let from = weightSoFar * homes / totalWeight
                weightSoFar += weight
                let building = makeBuilding(
                    entry.element, compound: compound.index, number: number + 1, door: door,
                    homes: from..<(weightSoFar * homes / totalWeight))
                door += building.entrances
                buildings.append(building)
            }
            free = free.enumerated().filter { !taken.contains($0.offset) }.map(\.element)
        }
    }

    private func makeCompound(index: Int, buildings: ClosedRange<Int>, _ draw: inout Draw) -> Compound {
        let names = AddressTables.compoundNames
        let endings = AddressTables.compoundEndings
        // 13 is prime to the number of names, so a name repeats (with another ending) only after all were used.
        let base = names[(index &* 13 &+ Int(seed % 48)) % names.count]
        let ending = endings[(index / names.count + index) % endings.count]
        let again = index / (names.count * endings.count)
        let name = base + ending + (again > 0 ? "第" + AddressStyle.chinese(again + 1) + "区" : "")
        let road = AddressTables.roads[(index + Int(seed % 7)) % AddressTables.roads.count]
        let lane = 100 + index / AddressTables.roads.count * 40 + draw.below(38)
        return Compound(
            index: index, name: name, aliases: AddressTables.aliases(of: name, road: road), road: road, lane: lane,
            manager: draw.pick(AddressTables.managers), builtYear: draw.between(1982...2018), buildings: buildings)
    }

    private func makeBuilding(_ site: Site, compound: Int, number: Int, door: Int, homes: Range<Int>) -> Building {
        var draw = Draw(seed, .building, site.footprint.id)
        let entrances = homes.count < 8 ? 1 : homes.count < 40 ? 2 : 3
        var floors = site.footprint.height.map { max(1, min(60, Int($0 / 3.0))) } ?? draw.between(5...18)
        var perFloor = max(2, (homes.count + entrances * floors - 1) / (entrances * floors))
        if perFloor > 12 {  // very large runs: higher houses rather than endless corridors
            perFloor = 12
            floors = (homes.count + entrances * perFloor - 1) / (entrances * perFloor)
        }
        return Building(
            index: buildings.count, baseMap: site.footprint.id, compound: compound, number: number, entrances: entrances,
            firstDoor: door, floors: floors, homesPerFloor: perFloor, place: site.place, homes: homes)
    }

    /// The home with that number in a building.
    func home(_ index: Int, in building: Building) -> Home {
        let ordinal = index - building.homes.lowerBound
        let perEntrance = (building.homes.count + building.entrances - 1) / building.entrances
        let entrance = min(ordinal / max(1, perEntrance), building.entrances - 1)
        let within = ordinal - entrance * perEntrance
        let floor = 1 + within / building.homesPerFloor
        var draw = Draw(seed, .vacancy, index)
        let block = index / Layout.homesInBlock
        var blockDraw = Draw(seed, .vacancy, -1 - block)
        let empty = block * Layout.homesInBlock + blockDraw.below(Layout.homesInBlock)
        // The households before this home: one home less for every block before it, and for the empty one passed here.
        let number = index - block - (index > empty ? 1 : 0)
        let household = index == empty || number >= households ? nil : number
        return Home(
            index: index, building: building.index, entrance: entrance, floor: floor,
            room: String(floor) + CivilDate.padded(1 + within % building.homesPerFloor, 2), household: household,
            areaDecimetres: draw.between(380...1480))
    }

    /// The home of a household, without walking through the others.
    func home(ofHousehold household: Int) -> Home? {
        let guess = household + household / (Layout.homesInBlock - 1)
        for index in max(0, guess - 1)...(guess + 2) where index < homeCount {
            guard let building = building(ofHome: index) else { continue }
            let home = home(index, in: building)
            if home.household == household { return home }
        }
        return nil
    }

    private func building(ofHome index: Int) -> Building? {
        var low = 0
        var high = buildings.count
        while low < high {
            let middle = (low + high) / 2
            if buildings[middle].homes.upperBound <= index { low = middle + 1 } else { high = middle }
        }
        return low < buildings.count ? buildings[low] : nil
    }

    func address(of home: Home) -> HomeAddress {
        let building = buildings[home.building]
        let compound = compounds[building.compound]
        return HomeAddress(
            road: compound.road, lane: compound.lane, number: building.firstDoor + home.entrance, compound: compound.name,
            compoundIndex: compound.index,
            building: building.number, unit: home.entrance + 1, room: home.room)
    }

    /// The building's own address: the 号 of its first entrance.
    func address(of building: Building) -> HomeAddress {
        let compound = compounds[building.compound]
        return HomeAddress(
            road: compound.road, lane: compound.lane, number: building.firstDoor, compound: compound.name, compoundIndex: compound.index,
            building: building.number, unit: 1, room: "")
    }

    /// Another building of the neighbourhood, next in number: what a clerk types by mistake.
    func neighbour(of building: Building) -> Building { buildings[(building.index + 1) % buildings.count] }
}

extension Range<Int> {
    fileprivate func randomIndex(_ draw: inout Draw) -> Int? { isEmpty ? nil : lowerBound + draw.below(count) }
}
