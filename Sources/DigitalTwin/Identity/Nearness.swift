import Foundation

/// Where something was: under which names of one place, at which point, or both; see `ComparedAttribute.Form.site`.
package struct ClaimSite: Sendable, Equatable {
    /// Names of the place, each in a place of its own: the building's id, a door in a street, a house in a compound. 0 where one is not known.
    /// They are one attribute, since whoever agrees in one mostly agrees in all.
    package var names: SIMD4<UInt64> = .zero
    /// Which of the dwellings there. 0 where it is not known.
    package var room: UInt64 = 0
    /// Whether it is in one dwelling of the place, of which another is another place.
    package var isHome = false
    /// Degrees, WGS 84; not a number where it is not known.
    package var longitude = Double.nan
    package var latitude = Double.nan

    /// - Parameters:
    ///   - names: up to four.
    ///   - room: which of the dwellings there.
    ///   - isHome: whether it is in one dwelling, of which another is another place.
    package init(names: [String?] = [], room: String? = nil, isHome: Bool = false, longitude: Double? = nil, latitude: Double? = nil) {
        if case .code(let code) = ClaimValue.code(room) { self.room = code }
        self.isHome = isHome
        for (at, name) in names.prefix(4).enumerated() {
            if case .code(let code) = ClaimValue.code(name) { self.names[at] = code }
        }
        if let longitude, let latitude { (self.longitude, self.latitude) = (longitude, latitude) }
    }

    var isPoint: Bool { !longitude.isNaN && !latitude.isNaN }

    package static func == (a: Self, b: Self) -> Bool {
        a.names == b.names && a.room == b.room && a.isHome == b.isHome && (a.isPoint ? a.longitude == b.longitude && a.latitude == b.latitude : !b.isPoint)
    }

    /// Metres to another point, on a sphere taken as flat: good to a percent at the distances that matter here. The same both ways.
    func metres(to other: ClaimSite) -> Double {
        let degree = 6_371_008.8 * Double.pi / 180
        let x = (longitude - other.longitude) * cos((latitude + other.latitude) / 2 * Double.pi / 180), y = latitude - other.latitude
        return degree * (x * x + y * y).squareRoot()
    }

    /// 0 where nothing can be said; 1 in one dwelling; 2 of one name, or as near as the first step where no name tells the two apart; then step by step; then as 2,
    /// where either is in one dwelling and nobody says that it is the same; the last is beyond all.
    func level(_ other: ClaimSite, _ steps: [Double]) -> Int {
        let named = (0..<4).filter { names[$0] != 0 && other.names[$0] != 0 }
        if named.contains(where: { names[$0] == other.names[$0] }) { return levelOfOne(other, steps) }
        guard isPoint, other.isPoint else { return 0 }
        switch Nearness.level(metres(to: other), steps) {
        case 1: return named.isEmpty ? levelOfOne(other, steps) : min(3, steps.count + 1)
        case let step where step > steps.count: return steps.count + 3
        case let step: return step + 1
        }
    }

    /// Of two at one place.
    private func levelOfOne(_ other: ClaimSite, _ steps: [Double]) -> Int {
        if room != 0, room == other.room { return 1 }
        return isHome || other.isHome ? steps.count + 2 : 2
    }
}

/// Distances in steps.
enum Nearness {
    /// 1 up to the first step, 2 up to the second …; the last is beyond all.
    static func level(_ distance: Double, _ steps: [Double]) -> Int { (steps.firstIndex { distance <= $0 } ?? steps.count) + 1 }
}
