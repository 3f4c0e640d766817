import Foundation

/// Where something was: under which names of one place, at which point, or both; see `ComparedAttribute.Form.site`.
package struct ClaimSite: Sendable, Equatable {
    /// Names of the place, each in a place of its own: the building's id, a door in a street, a house in a compound. 0 where one is not known.
    /// They are one attribute, since whoever agrees in one mostly agrees in all.
    package var names: SIMD4<UInt64> = .zero
    /// The same to the last detail: a dwelling. 0 where it is not known.
    package var exact: UInt64 = 0
    /// Degrees, WGS 84; not a number where it is not known.
    package var longitude = Double.nan
    package var latitude = Double.nan

    /// - Parameters:
    ///   - names: up to four.
    ///   - exact: the dwelling.
    package init(names: [String?] = [], exact: String? = nil, longitude: Double? = nil, latitude: Double? = nil) {
        if case .code(let code) = ClaimValue.code(exact) { self.exact = code }
        for (at, name) in names.prefix(4).enumerated() {
            if case .code(let code) = ClaimValue.code(name) { self.names[at] = code }
        }
        if let longitude, let latitude { (self.longitude, self.latitude) = (longitude, latitude) }
    }

    var isPoint: Bool { !longitude.isNaN && !latitude.isNaN }

    package static func == (a: Self, b: Self) -> Bool {
        a.names == b.names && a.exact == b.exact && (a.isPoint ? a.longitude == b.longitude && a.latitude == b.latitude : !b.isPoint)
    }

    /// Metres to another point, on a sphere taken as flat: good to a percent at the distances that matter here. The same both ways.
    func metres(to other: ClaimSite) -> Double {
        let degree = 6_371_008.8 * Double.pi / 180
        let x = (longitude - other.longitude) * cos((latitude + other.latitude) / 2 * Double.pi / 180), y = latitude - other.latitude
        return degree * (x * x + y * y).squareRoot()
    }

    /// 0 where nothing can be said; 1 in one dwelling; 2 of one name, or as near as the first step; then step by step; the last is beyond all.
    func level(_ other: ClaimSite, _ steps: [Double]) -> Int {
        if exact != 0, exact == other.exact { return 1 }
        if (0..<4).contains(where: { names[$0] != 0 && names[$0] == other.names[$0] }) { return 2 }
        return isPoint && other.isPoint ? Nearness.level(metres(to: other), steps) + 1 : 0
    }
}

/// Distances in steps.
enum Nearness {
    /// 1 up to the first step, 2 up to the second …; the last is beyond all.
    static func level(_ distance: Double, _ steps: [Double]) -> Int { (steps.firstIndex { distance <= $0 } ?? steps.count) + 1 }
}
