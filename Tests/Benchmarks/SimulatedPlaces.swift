import AdapterKit
import DigitalTwin
import Foundation
import Simulation

/// The buildings of a simulated neighbourhood as departments name them, against the truth that the simulator writes beside their files: the police's
/// standard addresses and the property companies' list, without the base map's numbers that would join them by key. And the truth of the buildings and
/// homes that the twin has.
struct SimulatedPlaces {
    struct Claim {
        let id: String
        let truth: String
        let noise: [String]
        let values: [ClaimValue]
    }

    let kind: EntityKind
    let claims: [Claim]

    var table: ClaimTable {
        var table = ClaimTable(kind.rules.attributes)
        for claim in claims { table.append(claim.id, claim.values) }
        return table
    }

    /// What the files say, read once.
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

        /// By the id of a home's claim in the twin, which home it is: what the property companies list, and what the police's register and the grid workers
        /// say of people, each of whom is one claim a register.
        func homeClaims() throws -> [String: (thing: String, noise: [String])] {
            let households = Dictionary(try Self.table(folder + "/truth/households.csv", .utf8, columns: 6).map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
            let homes = Dictionary(
                try Self.table(folder + "/truth/persons.csv", .utf8, columns: 13).compactMap { row in households[row[1]].map { (row[0], $0) } }, uniquingKeysWith: { first, _ in first })
            var claims: [String: (thing: String, noise: [String])] = [:]
            for row in try Self.rows(folder + "/property-manager/dwellings.json") {
                if let id = row["id"], let known = truth["property-manager/dwellings.json" + id] { claims["property-manager:" + id] = known }
            }
            let protection = Protection(.forSamples)
            for (source, file, encoding, columns, number) in [
                ("police-register", "residents.csv", String.Encoding(rawValue: 0x8000_0632), 12, 2), ("grid-visits", "visits.csv", .utf8, 11, 5),
            ] {
                for row in try Self.table("\(folder)/\(source)/\(file)", encoding, columns: columns) {
                    guard let known = truth["\(source)/\(file)" + row[0]], let home = homes[known.thing] else { continue }
                    let id = source + ":" + protection.pseudonym(of: row[number], domain: "id_number")
                    claims[id] = (home, Array(Set((claims[id]?.noise ?? []) + known.noise)))
                }
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
}
