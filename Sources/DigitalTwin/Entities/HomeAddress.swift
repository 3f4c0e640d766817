import Foundation

/// Which home a register's row means: what it says itself, read beside what is known of the building that it names.
///
/// In a lane (弄) doors (号) are counted through all its buildings, and others count entrances (单元) within one: the building's first door turns the one
/// into the other. Whoever names a building by a number that it does not have, or a door before its first one, has named the wrong building; then the
/// address alone says which home it is.
struct HomeAddress {
    /// The building that the row names, where its address does not contradict it.
    private(set) var building: String?
    /// Counted within the building.
    private(set) var entrance: String?
    let room: String?
    /// Road, lane and door, or road and number: whoever says them names an entrance without the building.
    private(set) var door: String?

    /// - Parameters:
    ///   - building: the building that the row names.
    ///   - room: as the row has it beside the address.
    ///   - others: the addresses of the building, as its sources have them.
    init(building: String?, room: String?, address: Address?, others: [Address]) {
        self.building = building
        self.room = address?[.room] ?? room
        guard let address else { return }
        if let number = address[.building] {
            entrance = address[.entrance]
            let numbers = others.compactMap { $0[.building] }
            if !numbers.isEmpty, !numbers.contains(number) { self.building = nil }
        } else if let street = Self.street(address) {
            // Of a lane the door must be named, of a road's number it may be.
            if address[.lane] == nil || address[.entrance] != nil { door = [street, address[.entrance] ?? ""].joined(separator: " ") }
            let here = others.filter { $0[.building] == nil && Self.street($0) == street }
            if here.isEmpty {
                // The building stands elsewhere, unless nobody says in which lane.
                if others.contains(where: { $0[.building] == nil && Self.street($0) != nil }) { self.building = nil }
            } else if let number = address[.entrance].flatMap({ Int($0) }), let first = here.compactMap({ $0[.entrance].flatMap { Int($0) } }).min() {
                if number >= first { entrance = String(number - first + 1) } else { self.building = nil }
            }
        }
        if self.building == nil { entrance = nil }
    }

    /// A day of moving in, as far as it says anything: years alone, and the first of January, which stands where nobody knew, do not.
    static func day(_ text: String) -> String? {
        let day = text.prefix(10)
        return day.count == 10 && day.allSatisfy({ $0.isNumber || $0 == "-" }) && !day.hasSuffix("-01-01") ? String(day) : nil
    }

    /// Road and lane, or road and number.
    private static func street(_ address: Address) -> String? {
        guard let road = address[.road] else { return nil }
        return address[.lane].map { "\(road) \($0)弄" } ?? address[.roadNumber].map { "\(road) \($0)" }
    }
}

/// What addresses say, each list of them read once: a building's are asked for with each of its people.
final class KnownAddresses: @unchecked Sendable {
    private let lock = NSLock()
    private var known: [String: [Address]] = [:]
    /// Texts kept at most.
    private static let limit = 10_000

    /// - Parameter lines: an address a line.
    func read(_ lines: String, _ parser: AddressParser) -> [Address] {
        lock.withLock {
            if let found = known[lines] { return found }
            if known.count >= Self.limit { known.removeAll() }
            let found = lines.split(separator: "\n").map { parser.parse(String($0)) }
            known[lines] = found
            return found
        }
    }
}
