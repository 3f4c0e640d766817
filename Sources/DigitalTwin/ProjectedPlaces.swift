import PostgresClient
import Projections

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Positions in systems with an EPSG number, and what PostGIS (PROJ) makes of them in WGS 84: asked once before rows are written, since nothing
/// can be asked while they are.
final class ProjectedPlaces {
    struct Key: Hashable {
        let system: Int32
        let position: Geometry.Position
    }

    private var wanted: Set<Key> = []
    private var places: [Key: Geometry.Position] = [:]

    /// So that payloads without one cost a look through their bytes.
    private static let mark: StaticString = "\"EPSG:"
    private static let mostAtOnce = 20_000

    subscript(key: Key) -> Geometry.Position? { places[key] }

    /// Notes the positions of a claim's location and footprint that need PostGIS.
    func want(_ payload: UnsafeRawBufferPointer) {
        guard Self.isMarked(payload) else { return }
        let json = JSONView(payload)
        if let location = json["location"] { want(location) }
        guard let footprint = json["footprint"] else { return }
        if footprint.kind == .array { footprint.elements(want) } else { want(footprint) }
    }

    private static func isMarked(_ payload: UnsafeRawBufferPointer) -> Bool {
        guard var at = payload.baseAddress else { return false }
        let end = at + payload.count, length = mark.utf8CodeUnitCount
        while at + length <= end, let letter = memchr(at, Int32(UInt8(ascii: "E")), end - at) {
            let start = UnsafeRawPointer(letter) - 1
            if start >= payload.baseAddress ?? start, start + length <= end, memcmp(start, mark.utf8Start, length) == 0 { return true }
            at = UnsafeRawPointer(letter) + 1
        }
        return false
    }

    private func want(_ shape: JSONView) {
        guard case .epsg(let system) = ReferenceSystem(of: shape), let coordinates = shape["coordinates"] else { return }
        positions(coordinates) { wanted.insert(Key(system: system, position: $0)) }
    }

    /// Every position of nested arrays.
    private func positions(_ json: JSONView, _ body: (Geometry.Position) -> Void) {
        if let position = Geometry.position(json) { return body(position) }
        json.elements { if $0.kind == .array { positions($0, body) } }
    }

    /// Asks PostGIS for what was wanted. A position that its system does not hold, and a system that nobody knows, give no place.
    func resolve(on connection: Connection) throws {
        var rest = Array(wanted)
        wanted = []
        while !rest.isEmpty {
            let part = rest.prefix(Self.mostAtOnce)
            rest = Array(rest.dropFirst(part.count))
            let list = part.map { "{\"s\":\($0.system),\"x\":\($0.position.x),\"y\":\($0.position.y)}" }.joined(separator: ",")
            let rows = try connection.query("SELECT number, longitude, latitude FROM hub.wgs84($1::json) ORDER BY number", [.text("[\(list)]")])
            for row in 0..<rows.count {
                guard let number = rows.int(row, 0), let x = rows.double(row, 1), let y = rows.double(row, 2), x.isFinite, y.isFinite else { continue }
                places[part[part.startIndex + Int(number) - 1]] = Geometry.Position(x: x, y: y)
            }
        }
    }
}
