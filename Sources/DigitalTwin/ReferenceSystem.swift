import Projections

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// In which system a payload's coordinates are, as its `crs` says, and how they become WGS 84.
///
/// GCJ-02 is WGS 84 under an offset that China's law asks of maps; BD-09 is Baidu's offset on top of it. Neither is published by its makers; the
/// formulas are those that the field has worked out and uses everywhere. GCJ-02 is turned back by iteration, to within a millimetre of the
/// formula; the formula itself agrees with the maps to about a metre. BD-09 is turned back by its closed form, which is off by up to half a metre.
enum ReferenceSystem: Equatable {
    case wgs84
    case gcj02
    case bd09
    /// PostGIS knows these.
    case epsg(Int32)
    /// A plane of its own, or a system that nobody knows here: no place on earth.
    case elsewhere

    init(of json: JSONView) {
        guard let name = json["crs"] else {
            self = .wgs84
            return
        }
        self = name.withText { text in ReferenceSystem(text) } ?? .elsewhere
    }

    fileprivate init(_ name: UnsafeRawBufferPointer) {
        switch String(decoding: name, as: UTF8.self) {
        case "WGS 84", "EPSG:4326", "EPSG:4490": self = .wgs84
        case "GCJ-02": self = .gcj02
        case "BD-09": self = .bd09
        case let text where text.hasPrefix("EPSG:"): self = Int32(text.dropFirst(5)).map { .epsg($0) } ?? .elsewhere
        default: self = .elsewhere
        }
    }

    /// A position on earth in WGS 84; nil where there is none.
    /// - Parameter projected: what PostGIS made of those that have an EPSG number.
    func wgs84(_ position: Geometry.Position, _ projected: ProjectedPlaces?) -> Geometry.Position? {
        switch self {
        case .wgs84: position.isOnEarth ? position : nil
        case .gcj02: position.isOnEarth ? Self.fromGCJ02(position) : nil
        case .bd09: position.isOnEarth ? Self.fromGCJ02(Self.fromBD09(position)) : nil
        case .epsg(let number): projected?[ProjectedPlaces.Key(system: number, position: position)].flatMap { $0.isOnEarth ? $0 : nil }
        case .elsewhere: nil
        }
    }

    /// The position whose offset leads to this one.
    static func fromGCJ02(_ position: Geometry.Position) -> Geometry.Position {
        var guess = position
        // Each step is wrong by a thousandth of the one before.
        for _ in 0..<6 {
            let offset = offset(at: guess)
            guess = Geometry.Position(x: position.x - offset.x, y: position.y - offset.y)
        }
        return guess
    }

    /// What GCJ-02 adds to a WGS 84 position: nothing outside of China's bounding box.
    static func offset(at position: Geometry.Position) -> Geometry.Position {
        guard (72.004...137.8347).contains(position.x), (0.8293...55.8271).contains(position.y) else { return Geometry.Position(x: 0, y: 0) }
        let x = position.x - 105, y = position.y - 35
        func waves(_ parts: (factor: Double, angle: Double)...) -> Double { parts.reduce(0) { $0 + $1.factor * sin($1.angle * .pi) } * 2 / 3 }
        let common = waves((20, 6 * x), (20, 2 * x))
        let north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * abs(x).squareRoot() + common
            + waves((20, y), (40, y / 3)) + waves((160, y / 12), (320, y / 30))
        let east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * abs(x).squareRoot() + common
            + waves((20, x), (40, x / 3)) + waves((150, x / 12), (300, x / 30))
        // Metres to degrees on Krassowsky's ellipsoid of 1940.
        let latitude = position.y * .pi / 180
        let flat = 0.00669342162296594323, axis = 6_378_245.0
        let bend = 1 - flat * sin(latitude) * sin(latitude)
        return Geometry.Position(
            x: east * 180 / (axis / bend.squareRoot() * cos(latitude) * .pi), y: north * 180 / (axis * (1 - flat) / (bend * bend.squareRoot()) * .pi))
    }

    static func fromBD09(_ position: Geometry.Position) -> Geometry.Position {
        let x = position.x - 0.0065, y = position.y - 0.006
        let turn = Double.pi * 3000 / 180
        let length = (x * x + y * y).squareRoot() - 0.00002 * sin(y * turn)
        let angle = atan2(y, x) - 0.000003 * cos(x * turn)
        return Geometry.Position(x: length * cos(angle), y: length * sin(angle))
    }
}

extension GeographicPlace {
    /// A place on earth that is given in another system; nil where it is none.
    /// - Parameter system: as a payload's `crs` names it, such as `BD-09`.
    package init?(longitude: Double, latitude: Double, system: String) {
        var system = system
        let known = system.withUTF8 { ReferenceSystem(UnsafeRawBufferPointer($0)) }
        guard let place = known.wgs84(Geometry.Position(x: longitude, y: latitude), nil) else { return nil }
        self.init(longitude: place.x, latitude: place.y)
    }
}
