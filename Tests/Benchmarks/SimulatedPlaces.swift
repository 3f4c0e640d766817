import DigitalTwin
import Foundation
import Simulation

/// The buildings and homes of a simulated neighbourhood as departments name them, against the truth that the simulator writes beside their files.
///
/// Buildings: the police's standard addresses and the property companies' list, without the base map's numbers that would join them by key. Homes:
/// the property companies' list, and what each row of the police's register and of the grid workers' visits says of a home. Where an address gives a
/// lane and a door, or a compound and a building, the building is read from it; else it is the one whose code the row has. A compound has the names
/// that the property company and the police list for its lane.
struct SimulatedPlaces {
    struct Claim {
        let id: String
        let truth: String
        let noise: [String]
        let values: [ClaimValue]
        /// Whether it says all that names one thing of its kind: of a home, entrance and room.
        var isNamed = true
    }

    let kind: EntityKind
    let claims: [Claim]

    var table: ClaimTable {
        var table = ClaimTable(kind.rules.attributes)
        for claim in claims { table.append(claim.id, claim.values) }
        return table
    }

    /// What the files say, read once for both kinds.
    struct Files {
        let folder: String
        fileprivate var truth: [String: (thing: String, noise: [String])] = [:]
        fileprivate let police: [[String]]
        fileprivate let property: [[String: String]]
        /// By the property company's number of a compound: its names, the first of them its own, and its address.
        fileprivate var compounds: [String: (names: [String], address: String)] = [:]

        init(folder: String) throws {
            self.folder = folder
            struct Row: Decodable { let file: String, key: String?, thing: String, noise: [String]? }
            for line in try String(contentsOfFile: folder + "/truth/register_rows.ndjson", encoding: .utf8).split(separator: "\n") {
                let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
                if let key = row.key { truth[row.file + key] = (row.thing, (truth[row.file + key]?.noise ?? []) + (row.noise ?? [])) }
            }
            police = try Self.table(folder + "/police-register/standard_addresses.csv", .init(rawValue: 0x8000_0632), columns: 7)
            property = try Self.rows(folder + "/property-manager/buildings.json")
            let list = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: folder + "/property-manager/compounds.json")))
            for row in ((list as? [String: Any])?["data"] as? [String: Any])?["rows"] as? [[String: Any]] ?? [] {
                guard let id = row["id"] as? String, let name = row["name"] as? String else { continue }
                compounds[id] = ([name] + (row["aliases"] as? [String] ?? []), row["address"] as? String ?? "")
            }
        }

        /// By the id of a building's claim in the twin, which building it is; those of the base map included.
        func buildingClaims() throws -> [String: (thing: String, noise: [String])] {
            var claims: [String: (thing: String, noise: [String])] = [:]
            for row in try Self.table(folder + "/truth/buildings.csv", .utf8, columns: 11) {
                claims["osm-buildings:" + row[1]] = (row[0], [])
                claims["police-register:" + row[2]] = truth["police-register/standard_addresses.csv" + row[2]]
                claims["property-manager:" + row[0]] = truth["property-manager/buildings.json" + row[0]]
            }
            return claims
        }

        /// Lines of a CSV file that can be read and have all cells.
        fileprivate static func table(_ path: String, _ encoding: String.Encoding, columns: Int) throws -> [[String]] {
            try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
                guard let text = String(data: line, encoding: encoding) else { return nil }
                let cells = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
                return cells.count == columns && !cells[0].isEmpty ? cells : nil
            }
        }

        /// The rows of a platform's answer: a line each.
        fileprivate static func rows(_ path: String) throws -> [[String: String]] {
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
                let text = line.hasSuffix(",") ? line.dropLast() : line
                guard text.hasPrefix("{\"id\""), let row = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else { return nil }
                return row.compactMapValues { ($0 as? String) ?? ($0 as? NSNumber)?.stringValue }
            }
        }
    }

    // MARK: Buildings

    /// - Parameter withPlaces: whether the registers know where their buildings stand.
    static func buildings(_ files: Files, withPlaces: Bool) throws -> SimulatedPlaces {
        guard let kind = EntityKind.named("building") else { throw BenchmarkError("Buildings are not joined.") }
        var claims: [Claim] = []
        func add(_ register: String, _ file: String, _ key: String, _ cells: [String?]) {
            guard let known = files.truth[file + key] else { return }
            let id = "\(register):\(key)"
            claims.append(Claim(id: id, truth: known.thing, noise: known.noise, values: kind.values(of: id, cells)))
        }
        for row in files.police {
            add("police", "police-register/standard_addresses.csv", row[0], [nil, row[1], nil, withPlaces ? row[4] + " " + row[5] : nil, nil, row[2].isEmpty ? nil : row[2]])
        }
        for row in files.property {
            guard let id = row["id"], let address = row["address"] else { continue }
            let compound = files.compounds[row["compoundId"] ?? ""]
            let place = row["lon"].flatMap { lon in row["lat"].map { lon + " " + $0 } }
            add("property", "property-manager/buildings.json", id, [address, address, nil, withPlaces ? place : nil, compound?.address, compound?.names.first])
        }
        return SimulatedPlaces(kind: kind, claims: claims)
    }

    // MARK: Homes

    /// - Parameter buildings: by the key of a building's claim, the building that it was found to be.
    static func homes(_ files: Files, buildings: [String: String]) throws -> SimulatedPlaces {
        guard let kind = EntityKind.named("dwelling") else { throw BenchmarkError("Homes are not joined.") }
        let reader = HomeReader(files, buildings)
        let homeOf = try home(of: files.folder)
        var claims: [Claim] = []
        func add(
            _ register: String, _ file: String, _ key: String, _ code: String, _ address: String, _ room: String, unit: String = "", truth: (String) -> String?
        ) {
            guard let known = files.truth[file + key], let home = truth(known.thing) else { return }
            let id = "\(register):\(key)", cells = reader.cells(code: code, address: address, room: room, unit: unit)
            claims.append(Claim(id: id, truth: home, noise: known.noise, values: kind.values(of: id, cells), isNamed: cells[1] != nil && cells[2] != nil))
        }
        for row in try Files.rows(files.folder + "/property-manager/dwellings.json") {
            guard let id = row["id"], let building = row["buildingId"] else { continue }
            add("property", "property-manager/dwellings.json", id, "property:" + building, row["address"] ?? "", row["room"] ?? "", unit: row["unit"] ?? "") { $0 }
        }
        for row in try Files.table(files.folder + "/police-register/residents.csv", .init(rawValue: 0x8000_0632), columns: 12) {
            add("police", "police-register/residents.csv", row[0], "police:" + row[6], row[7], row[8]) { homeOf[$0] }
        }
        for row in try Files.table(files.folder + "/grid-visits/visits.csv", .utf8, columns: 11) {
            // The grid workers use the police's codes.
            add("grid", "grid-visits/visits.csv", row[0], "police:" + row[2], row[10], row[3]) { homeOf[$0] }
        }
        var seen: Set<String> = []
        return SimulatedPlaces(kind: kind, claims: claims.filter { seen.insert($0.id).inserted })
    }

    /// Everybody's home in the truth.
    private static func home(of folder: String) throws -> [String: String] {
        let households = Dictionary(try Files.table(folder + "/truth/households.csv", .utf8, columns: 6).map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
        return Dictionary(
            try Files.table(folder + "/truth/persons.csv", .utf8, columns: 13).compactMap { row in households[row[1]].map { (row[0], $0) } }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads building, entrance and room of a home from what a row says.
    private struct HomeReader {
        private let parser = AddressParser(home: 310_115)
        private let buildings: [String: String]
        /// By road and lane, the doors at which buildings begin, in order.
        private var doors: [String: [(first: Int, building: String)]] = [:]
        /// By a compound's name and a building's number; several compounds may go by one name.
        private var numbers: [String: Set<String>] = [:]

        init(_ files: Files, _ buildings: [String: String]) {
            self.buildings = buildings
            var names: [String: Set<String>] = [:]
            for row in files.police {
                let address = parser.parse(row[1])
                guard let lane = Self.lane(address) else { continue }
                if !row[2].isEmpty { names[lane, default: []].insert(row[2]) }
                guard let building = buildings["police:" + row[0]], let door = address[.entrance].flatMap({ Int($0) }) else { continue }
                doors[lane, default: []].append((door, building))
            }
            for lane in doors.keys { doors[lane]?.sort { $0.first < $1.first } }
            for row in files.property {
                guard let id = row["id"], let building = buildings["property:" + id], let number = row["buildingNo"].flatMap({ parser.parse("甲" + $0)[.building] ?? Self.digits($0) })
                else { continue }
                let compound = files.compounds[row["compoundId"] ?? ""], lane = compound.flatMap { Self.lane(parser.parse($0.address)) }
                for name in (compound?.names ?? []) + (lane.flatMap { names[$0] } ?? []).sorted() { numbers[Address.value(.compound, name) + " " + number, default: []].insert(building) }
            }
        }

        private static func digits(_ text: String) -> String? { text.contains(where: \.isNumber) ? text.filter(\.isNumber) : nil }
        private static func lane(_ address: Address) -> String? { address[.road].flatMap { road in address[.lane].map { road + " " + $0 } } }

        /// Building, entrance within it, room, and no area.
        func cells(code: String, address text: String, room: String, unit: String) -> [String?] {
            let address = parser.parse(text)
            let number = address[.building]
            let named = number.flatMap { number in address[.compound].flatMap { numbers[$0 + " " + number] } } ?? []
            // A name that several go by leaves it to the code which of them it is.
            var building = buildings[code].flatMap { named.count != 1 || named.contains($0) ? $0 : nil } ?? named.min()
            var entrance = number != nil ? address[.entrance] : nil
            if number == nil, let lane = Self.lane(address), let door = address[.entrance].flatMap({ Int($0) }), let found = doors[lane]?.last(where: { $0.first <= door }) {
                building = found.building
                entrance = String(door - found.first + 1)
            }
            if !unit.isEmpty { entrance = unit }
            return [building, entrance, address[.room] ?? (room.isEmpty ? nil : Address.value(.room, room)), nil]
        }
    }
}
