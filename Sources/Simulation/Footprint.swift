/// A place: longitude and latitude as integers of 1e-8°, so that what is written is exact.
package struct Place: Sendable, Hashable {
    package var longitude: Int
    package var latitude: Int
    /// One unit is 1e-8 degrees (about a millimetre).
    package static let unitsPerDegree = 100_000_000

    /// Decimal degrees with `digits` decimals (at most 8).
    package func text(_ value: Int, digits: Int = 6) -> String {
        var divisor = 1
        for _ in 0..<(8 - digits) { divisor *= 10 }
        return decimalText(CivilDate.floorDivide(value + divisor / 2, divisor), digits: digits)
    }
    package var longitudeText: String { text(longitude) }
    package var latitudeText: String { text(latitude) }

    /// Rounded to what the departments write (1e-6°), so that a test of containment sees the written point.
    var written: Place {
        Place(longitude: CivilDate.floorDivide(longitude + 50, 100) * 100, latitude: CivilDate.floorDivide(latitude + 50, 100) * 100)
    }

    /// A squared distance in arbitrary units that is right within one town (a degree of longitude is 0.855 of one of latitude at 31.24° N).
    func squaredDistance(to other: Place) -> Int {
        let dx = (longitude - other.longitude) * 855 / 1000
        let dy = latitude - other.latitude
        return dx * dx + dy * dy
    }
}

/// A building as the base map has it: its number there and what is drawn of it.
package struct Footprint: Sendable {
    /// The base map's number (OpenStreetMap id; negative for relations).
    package var id: Int
    package var name: String?
    /// OpenStreetMap's use of the building: apartments, residential, commercial …
    package var detail: String?
    package var landUse: String?
    /// Metres, where the map says so.
    package var height: Double?
    /// The pieces of the building; each is a list of rings, the first the outer one.
    package var pieces: [[[Place]]]

    package init(id: Int, name: String? = nil, detail: String? = nil, landUse: String? = nil, height: Double? = nil, pieces: [[[Place]]]) {
        self.id = id
        self.name = name
        self.detail = detail
        self.landUse = landUse
        self.height = height
        self.pieces = pieces
    }

    /// Whether people obviously live here.
    var isResidential: Bool {
        ["apartments", "residential", "house"].contains(detail ?? "") || landUse == "residential"
    }

    /// Whether people could live here: nothing says that the building serves another purpose.
    var couldBeResidential: Bool {
        detail == nil && name == nil && (landUse == nil) && (180...2500).contains(areaSquareMetres)
    }

    /// The area of the largest piece in m².
    var areaSquareMetres: Int {
        guard let piece = largestPiece, let outer = piece.first else { return 0 }
        return Int(abs(Footprint.doubledArea(outer)) / 2 * 1.11195e-3 * 1.11195e-3 * 0.855)
    }

    private var largestPiece: [[Place]]? {
        var best: (area: Double, piece: [[Place]])?
        for piece in pieces {
            guard let outer = piece.first, outer.count >= 4 else { continue }
            let area = abs(Footprint.doubledArea(outer))
            if best == nil || area > (best?.area ?? 0) { best = (area, piece) }
        }
        return best?.piece
    }

    /// The shoelace sum around the ring's first point (a small difference of large numbers otherwise).
    static func doubledArea(_ ring: [Place]) -> Double {
        guard let first = ring.first else { return 0 }
        var sum = 0.0
        for (a, b) in zip(ring, ring.dropFirst()) {
            sum +=
                Double(a.longitude - first.longitude) * Double(b.latitude - first.latitude)
                - Double(b.longitude - first.longitude) * Double(a.latitude - first.latitude)
        }
        return sum
    }

    /// A point inside the building: the centroid of the largest piece where it lies inside, else the middle of the
    /// longest stretch inside on one of a few horizontal lines. `nil` where nothing is drawn.
    package var interiorPoint: Place? {
        guard let piece = largestPiece, let outer = piece.first, let first = outer.first else { return nil }
        let doubled = Footprint.doubledArea(outer)
        if doubled != 0 {
            var x = 0.0
            var y = 0.0
            for (a, b) in zip(outer, outer.dropFirst()) {
                let ax = Double(a.longitude - first.longitude)
                let ay = Double(a.latitude - first.latitude)
                let bx = Double(b.longitude - first.longitude)
                let by = Double(b.latitude - first.latitude)
                let cross = ax * by - bx * ay
                x += (ax + bx) * cross
                y += (ay + by) * cross
            }
            let centroid = Place(
                longitude: first.longitude + Int((x / (3 * doubled)).rounded()),
                latitude: first.latitude + Int((y / (3 * doubled)).rounded())
            ).written
            if Footprint.contains(piece, centroid) { return centroid }
        }
        return Footprint.scanLinePoint(piece)
    }

    private static func scanLinePoint(_ piece: [[Place]]) -> Place? {
        guard let outer = piece.first, let low = outer.map(\.latitude).min(), let high = outer.map(\.latitude).max() else { return nil }
        var best: (width: Int, place: Place)?
        for part in 1...15 {
            let latitude = Place(longitude: 0, latitude: low + (high - low) * part / 16).written.latitude
            var crossings: [Int] = []
            for ring in piece {
                for (a, b) in zip(ring, ring.dropFirst()) where (a.latitude > latitude) != (b.latitude > latitude) {
                    let share = Double(latitude - a.latitude) / Double(b.latitude - a.latitude)
                    crossings.append(a.longitude + Int((Double(b.longitude - a.longitude) * share).rounded()))
                }
            }
            crossings.sort()
            for index in stride(from: 0, to: crossings.count - 1, by: 2) {
                let width = crossings[index + 1] - crossings[index]
                let place = Place(longitude: crossings[index] + width / 2, latitude: latitude).written
                if width > (best?.width ?? 0), contains(piece, place) { best = (width, place) }
            }
        }
        return best?.place
    }

    /// Even-odd rule over all rings of a piece.
    package static func contains(_ piece: [[Place]], _ point: Place) -> Bool {
        var inside = false
        for ring in piece {
            for (a, b) in zip(ring, ring.dropFirst()) where (a.latitude > point.latitude) != (b.latitude > point.latitude) {
                let share = Double(point.latitude - a.latitude) / Double(b.latitude - a.latitude)
                if Double(point.longitude) < Double(a.longitude) + Double(b.longitude - a.longitude) * share { inside.toggle() }
            }
        }
        return inside
    }

    /// Whether any piece of the building contains the point.
    package func contains(_ point: Place) -> Bool { pieces.contains { Footprint.contains($0, point) } }
}
