import Projections

/// Writes geometries as PostGIS reads them: extended well-known binary (EWKB), little-endian, two dimensions.
///
/// Only shapes that PostGIS takes leave here: rings are closed and have four points at least, numbers are finite. What is
/// no such shape becomes nil, and the column null.
enum Geometry {
    /// A place on earth or on a network's own plane.
    struct Position: Hashable {
        var x: Double
        var y: Double
    }

    /// WGS 84, degrees.
    static let wgs84: UInt32 = 4326
    /// No reference system: a network's own plane.
    static let local: UInt32 = 0

    private enum Shape: UInt32 { case point = 1, line = 2, polygon = 3, collection = 7 }

    /// A GeoJSON Point on earth, whatever its reference system. Longitude and latitude out of range, and 0,0, are no places.
    static func point(_ json: JSONView, _ places: ProjectedPlaces? = nil) -> [UInt8]? {
        guard json.isGeoJSON("Point"), let coordinates = json["coordinates"], let given = position(coordinates),
            let position = ReferenceSystem(of: json).wgs84(given, places)
        else { return nil }
        return point(position, srid: wgs84)
    }

    static func point(_ position: Position, srid: UInt32) -> [UInt8] {
        var bytes = header(.point, srid: srid)
        append(position, to: &bytes)
        return bytes
    }

    static func line(_ positions: [Position], srid: UInt32) -> [UInt8]? {
        guard positions.count >= 2 else { return nil }
        var bytes = header(.line, srid: srid)
        append(positions, to: &bytes)
        return bytes
    }

    /// The polygons of a list of GeoJSON geometries (or of one), as a collection: united they make the footprint.
    static func polygons(_ json: JSONView, _ places: ProjectedPlaces? = nil) -> [UInt8]? {
        var polygons: [[[Position]]] = []
        func take(_ shape: JSONView) {
            guard let coordinates = shape["coordinates"] else { return }
            let system = ReferenceSystem(of: shape)
            let place = { (position: Position) in system.wgs84(position, places) }
            if shape.isGeoJSON("Polygon") {
                if let polygon = polygon(coordinates, place) { polygons.append(polygon) }
            } else if shape.isGeoJSON("MultiPolygon") {
                coordinates.elements { if let polygon = polygon($0, place) { polygons.append(polygon) } }
            }
        }
        if json.kind == .array { json.elements(take) } else { take(json) }
        guard !polygons.isEmpty else { return nil }
        var bytes = header(.collection, srid: wgs84)
        append(UInt32(polygons.count), to: &bytes)
        for rings in polygons {
            bytes.append(1)
            append(Shape.polygon.rawValue, to: &bytes)
            append(UInt32(rings.count), to: &bytes)
            for ring in rings { append(ring, to: &bytes) }
        }
        return bytes
    }

    /// The outer ring first; holes that are no rings are left out, a polygon whose outer ring is none is none.
    private static func polygon(_ json: JSONView, _ place: (Position) -> Position?) -> [[Position]]? {
        var rings: [[Position]] = []
        var isBroken = false
        json.elements { element in
            var ring: [Position] = []
            var isWhole = true
            element.elements {
                if let position = position($0).flatMap(place) { ring.append(position) } else { isWhole = false }
            }
            if let first = ring.first, first != ring.last { ring.append(first) }
            if isWhole, ring.count >= 4 { rings.append(ring) } else if rings.isEmpty { isBroken = true }
        }
        return isBroken || rings.isEmpty ? nil : rings
    }

    /// The first two numbers of an array.
    static func position(_ json: JSONView) -> Position? {
        var numbers: [Double] = []
        json.elements { if numbers.count < 2, let number = $0.double { numbers.append(number) } }
        return numbers.count == 2 ? Position(x: numbers[0], y: numbers[1]) : nil
    }

    private static func header(_ shape: Shape, srid: UInt32) -> [UInt8] {
        var bytes: [UInt8] = [1]
        if srid == 0 {
            append(shape.rawValue, to: &bytes)
        } else {
            append(shape.rawValue | 0x2000_0000, to: &bytes)
            append(srid, to: &bytes)
        }
        return bytes
    }

    private static func append(_ positions: [Position], to bytes: inout [UInt8]) {
        append(UInt32(positions.count), to: &bytes)
        for position in positions { append(position, to: &bytes) }
    }

    private static func append(_ position: Position, to bytes: inout [UInt8]) {
        append(position.x.bitPattern, to: &bytes)
        append(position.y.bitPattern, to: &bytes)
    }

    private static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

extension Geometry.Position {
    /// 0,0 is where coordinates are that are missing.
    var isOnEarth: Bool { abs(x) <= 180 && abs(y) <= 90 && !(x == 0 && y == 0) }
}

extension JSONView {
    fileprivate func isGeoJSON(_ type: StaticString) -> Bool {
        guard let written = self["type"]?.bytes, written.count == type.utf8CodeUnitCount + 2 else { return false }
        return written.dropFirst().dropLast().elementsEqual(UnsafeRawBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount))
    }
}
