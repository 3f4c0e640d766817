import Projections

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where a network in local coordinates is put on the map, as its manifest declares it.
///
/// With d = (x − anchor.x, y − anchor.y) · scale in metres, turned counter-clockwise by θ into (east, north), the place is
///
///     latitude  = origin.latitude  + north / m
///     longitude = origin.longitude + east / (m · cos(origin.latitude))
///
/// with m = π · 6,371,008.8 / 180 = 111,195.08 metres a degree on a sphere of the earth's mean radius (IUGG). Over the few
/// kilometres of a network that is off by less than a street's width, which a demonstration bears and a survey does not.
struct Placement {
    let origin: Geometry.Position
    let anchor: Geometry.Position
    /// Metres for one unit of the network's coordinates.
    let scale: Double
    let rotation_deg: Double

    static let metresPerDegree = Double.pi * 6_371_008.8 / 180

    /// Nil where the payload declares none, or not enough of one.
    init?(_ json: JSONView?) {
        guard let json, let origin = json["origin"].flatMap(Geometry.position), origin.isOnEarth,
            let anchor = json["anchor"].flatMap(Geometry.position)
        else { return nil }
        self.origin = origin
        self.anchor = anchor
        scale = json["scale"]?.double ?? 1
        rotation_deg = json["rotation_deg"]?.double ?? 0
    }

    /// Longitude and latitude of a place on the network's plane.
    func place(_ position: Geometry.Position) -> Geometry.Position {
        let dx = (position.x - anchor.x) * scale, dy = (position.y - anchor.y) * scale
        let turn = rotation_deg * .pi / 180
        let east = dx * cos(turn) - dy * sin(turn), north = dx * sin(turn) + dy * cos(turn)
        return Geometry.Position(
            x: origin.x + east / (Self.metresPerDegree * cos(origin.y * .pi / 180)), y: origin.y + north / Self.metresPerDegree)
    }
}
