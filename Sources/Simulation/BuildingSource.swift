import RecordFormats

extension Footprint {
    /// Reads the buildings of a base map: GeoJSON features with the properties `id` and `kind` (building), as
    /// OpenStreetMap tiles deliver them. The pieces of a building that tile edges cut apart become one; points are
    /// labels and give no footprint; buildings without a polygon are left out.
    ///
    /// - Throws: a data error that names the file, where it is no GeoJSON; a configuration error where it cannot be read.
    package static func read(geoJSON path: String) throws(SimulationError) -> [Footprint] {
        var found: [Int: Footprint] = [:]
        do throws(FormatError) {
            var reader = try makeReader(.geojson, try FileBytes(path: path))
            while let outcome = try reader.next() {
                guard case .record(let record) = outcome, let id = record["id"].flatMap(integer) else { continue }
                guard record["kind"]?.plainText == "building" else { continue }
                var footprint = found[id] ?? Footprint(id: id, pieces: [])
                footprint.name = footprint.name ?? record["name"]?.plainText
                footprint.detail = footprint.detail ?? record["kind_detail"]?.plainText
                footprint.landUse = footprint.landUse ?? record["landuse_kind"]?.plainText
                footprint.height = footprint.height ?? record["height"]?.plainText.flatMap { Double($0) }
                if let geometry = record["geometry"] { footprint.pieces += pieces(geometry) }
                found[id] = footprint
            }
        } catch {
            throw SimulationError(
                error.kind == .configuration ? .configuration : .data, "The base map cannot be read: \(error)", location: path,
                advice: "Give a GeoJSON FeatureCollection of buildings.")
        }
        return found.values.filter { !$0.pieces.isEmpty }.sorted { $0.id < $1.id }
    }

    private static func integer(_ value: Value) -> Int? { value.plainText.flatMap { Int($0) } }

    private static func pieces(_ geometry: Value) -> [[[Place]]] {
        guard case .object(let members) = geometry, let kind = members.first(where: { $0.name == "type" })?.value.plainText,
            case .array(let coordinates)? = members.first(where: { $0.name == "coordinates" })?.value
        else { return [] }
        switch kind {
        case "Polygon": return [coordinates.map(ring)]
        case "MultiPolygon": return coordinates.map { if case .array(let rings) = $0 { rings.map(ring) } else { [] } }
        default: return []
        }
    }

    private static func ring(_ value: Value) -> [Place] {
        guard case .array(let points) = value else { return [] }
        return points.compactMap { point in
            guard case .array(let pair) = point, pair.count >= 2, let x = units(pair[0]), let y = units(pair[1]) else { return nil }
            return Place(longitude: x, latitude: y)
        }
    }

    private static func units(_ value: Value) -> Int? {
        guard let degrees = value.plainText.flatMap({ Double($0) }), abs(degrees) <= 360 else { return nil }
        return Int((degrees * Double(Place.unitsPerDegree)).rounded())
    }
}

extension Value {
    /// The text of a text or number.
    fileprivate var plainText: String? {
        switch self {
        case .text(let text): text
        case .number(let digits): digits
        default: nil
        }
    }
}
