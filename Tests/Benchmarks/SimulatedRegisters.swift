import AdapterKit
import DigitalTwin
import Foundation
import Simulation

/// The people of a simulated neighbourhood as three departments know them, against the truth that the simulator writes beside their files.
///
/// Nothing of the resolver was set by these files: weights are learned from the unlabelled rows, and the blocks are those that DOMAIN's
/// rule for people names (number, name, birth, dwelling).
struct SimulatedRegisters {
    struct Claim {
        let id: String
        /// The person's code in the truth, and the kinds of noise that struck the row.
        let person: String
        let noise: [String]
        let values: [ClaimValue]
    }

    let claims: [Claim]

    private static let attributes = [
        ComparedAttribute("number", .code), ComparedAttribute("phone", .code), ComparedAttribute("name", .encoding), ComparedAttribute("birth_year", .code),
        ComparedAttribute("birthday", .code), ComparedAttribute("sex", .code), ComparedAttribute("building", .code), ComparedAttribute("room", .code),
    ]
    private static let blocks = [["number"], ["phone"], ["name", "birth_year"], ["building", "room"], ["birth_year", "birthday"], ["name", "building"]]

    /// - Parameter withNumbers: whether registers have numbers of identity cards and telephones, the first two attributes.
    static func rules(withNumbers: Bool) -> MatchRules {
        MatchRules(
            kind: "person", attributes: Array(withNumbers ? attributes[...] : attributes[2...]), blocks: Array(withNumbers ? blocks[...] : blocks[2...]),
            vetoes: [("birth and sex disagree", ["birth_year", "birthday", "sex"])])
    }

    func table(_ rules: MatchRules) -> ClaimTable {
        var table = ClaimTable(rules.attributes)
        for claim in claims { table.append(claim.id, claim.values.suffix(rules.attributes.count)) }
        return table
    }

    /// - Parameter folder: where the simulator wrote.
    init(folder: String) throws {
        var truth: [String: (person: String, noise: [String])] = [:]
        for line in try String(contentsOfFile: folder + "/truth/register_rows.ndjson", encoding: .utf8).split(separator: "\n") {
            let row = try JSONDecoder().decode(TruthRow.self, from: Data(line.utf8))
            // A row told twice is one claim, its noise that of both.
            if let key = row.key { truth[row.file + key] = (row.thing, (truth[row.file + key]?.noise ?? []) + (row.noise ?? [])) }
        }
        let parser = AddressParser(home: 310_115)
        var claims: [String: Claim] = [:]
        for register in Self.registers {
            for row in try register.rows(in: folder) {
                guard let known = truth[register.truth + row[0]] else { continue }
                let id = "\(register.name):\(row[0])"
                claims[id] = Claim(id: id, person: known.person, noise: known.noise, values: register.values(row, parser))
            }
        }
        self.claims = claims.values.sorted { $0.id < $1.id }
    }

    private struct TruthRow: Decodable {
        let file: String
        let key: String?
        let thing: String
        let noise: [String]?
    }

    // MARK: Rows to claims

    private struct Source {
        let name: String
        let file: String
        /// The file's name in the truth.
        let truth: String
        let encoding: String.Encoding
        let columns: Int
        /// Where the birth date or year, the phone, the building and the address stand; key, name, number and sex come first.
        let birth, phone, building, address: Int
        /// Where those stand in a file with another order of columns; -1 for one that it does not have.
        var order: [Int]?

        /// Rows that are whole; broken ones an adapter would refuse.
        func rows(in folder: String) throws -> [[String]] {
            let data = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
            return data.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line -> [String]? in
                guard let text = String(data: line, encoding: encoding) else { return nil }
                let cells = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
                return cells.count == columns && !cells[0].isEmpty ? order.map { order in order.map { $0 < 0 ? "" : cells[$0] } } ?? cells : nil
            }
        }

        func values(_ row: [String], _ parser: AddressParser) -> [ClaimValue] {
            let protection = Protection(.forSamples)
            func pseudonym(_ text: String, _ domain: String) -> ClaimValue { text.isEmpty ? .missing : .code(protection.pseudonym(of: text, domain: domain)) }
            let digits = row[birth].filter(\.isNumber)
            let address = parser.parse(row[address])
            return [
                isValid(row[2]) ? pseudonym(row[2], "id_number") : .missing, pseudonym(row[phone], "phone"),
                NameEncoding.forSamples.encode(row[1]).flatMap(Encoding.read).map { .encoding($0) } ?? .missing,
                .code(digits.count >= 4 ? String(digits.prefix(4)) : nil), .code(digits.count == 8 ? String(digits.suffix(4)) : nil), .code(row[3]),
                .code(row[building]), .code(address[.room]),
            ]
        }

        /// Whether the check character of an ID number is right (GB 11643, ISO 7064 MOD 11-2).
        private func isValid(_ number: String) -> Bool {
            let characters = Array(number.uppercased())
            guard characters.count == 18 else { return false }
            var sum = 0
            for (place, character) in characters.dropLast().enumerated() {
                guard let digit = character.wholeNumberValue else { return false }
                sum += digit * ((1 << (17 - place)) % 11)
            }
            return Array("10X98765432")[sum % 11] == characters[17]
        }
    }

    private static let registers = [
        Source(
            name: "police", file: "police-register/residents.csv", truth: "police-register/residents.csv", encoding: .init(rawValue: 0x8000_0632), columns: 12, birth: 4,
            phone: 5, building: 6, address: 7),
        Source(
            name: "civil", file: "civil-affairs/care_recipient.csv", truth: "civil-affairs/civil_affairs.sql", encoding: .utf8, columns: 13, birth: 4, phone: 5, building: 7,
            address: 6),
        Source(
            name: "grid", file: "grid-visits/visits.csv", truth: "grid-visits/visits.csv", encoding: .utf8, columns: 11, birth: 4, phone: 5, building: 6, address: 7,
            order: [0, 4, 5, 6, 7, -1, 2, 10]),
    ]
}

/// Precision and recall of each claim's thing, averaged over claims (B-cubed: Bagga and Baldwin, 1998).
struct CubedAccuracy {
    private(set) var claims: [(precision: Double, recall: Double)] = []

    init(things: [Int], truth: [String]) {
        struct Both: Hashable { let thing: Int, truth: String }
        let found = Dictionary(things.map { ($0, 1) }, uniquingKeysWith: +), real = Dictionary(truth.map { ($0, 1) }, uniquingKeysWith: +)
        let both = Dictionary(zip(things, truth).map { (Both(thing: $0, truth: $1), 1) }, uniquingKeysWith: +)
        for (thing, truth) in zip(things, truth) {
            let shared = Double(both[Both(thing: thing, truth: truth)] ?? 0)
            claims.append((shared / Double(found[thing] ?? 1), shared / Double(real[truth] ?? 1)))
        }
    }

    func mean(_ value: (((precision: Double, recall: Double)) -> Double), of rows: [Int]) -> String {
        rows.isEmpty ? "-" : String(format: "%.4f", rows.reduce(0) { $0 + value(claims[$1]) } / Double(rows.count))
    }
}
