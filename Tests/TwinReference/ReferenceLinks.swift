/// Which building things belong to.
struct ReferenceLinks {
    /// Footprints of the buildings that have one, by id.
    private(set) var footprints: [String: [Box]] = [:]
    /// The building of each building claim, and how it was found.
    private(set) var buildings: [String: (building: String, method: String)] = [:]
    let identity: ReferenceIdentity

    private let fold: ReferenceFold

    init(_ fold: ReferenceFold) {
        self.fold = fold
        let claims = fold.present("building", ended: ["building.demolished"])
        for claim in claims {
            if let boxes = Self.boxes(claim.payload["footprint"]) { footprints[claim.id] = boxes }
        }
        var words: [String: (building: String, method: String)] = [:]
        for claim in claims {
            let place = Self.place(claim.payload["location"])
            let named = fold.reference(claim.payload["building"], of: claim.source)
            let outline = named.flatMap { [footprints] in footprints[$0] }, point = place.map { Box([$0]) }
            let distance = outline.map { boxes in point.flatMap { point in boxes.map { $0.distance(to: point) }.min() } ?? 0 }
            if footprints[claim.id] != nil {
                words[claim.id] = (claim.id, "self")
            } else if let place, distance.map({ $0 > 3 }) ?? true, let around = Self.around(place, footprints).first {
                words[claim.id] = (around, Self.around(place, footprints).count > 1 ? "among" : "inside")
            } else if let named, let distance, distance <= 150 {
                words[claim.id] = (named, "key")
            } else {
                words[claim.id] = (claim.id, "self")
            }
        }
        identity = ReferenceIdentity("building", .building, fold.comparedBuildings(claims), words: words, fold)
        buildings = identity.places.mapValues { ($0.entity, $0.method) }
    }

    /// The building of a thing that names one or stands somewhere.
    func building(of claim: ReferenceClaim, naming named: Plain?, at place: Place?) -> (building: String, method: String)? {
        if let named = fold.reference(named, of: claim.source), let link = buildings[named] { return (link.building, "key") }
        guard let place else { return nil }
        if let around = Self.around(place, footprints).first { return (whole(around), "inside") }
        let point = Box([place])
        let near = footprints.map { (id: $0.key, distance: $0.value.map { $0.distance(to: point) }.min() ?? .infinity) }
            .filter { $0.distance <= 20 }
        return near.min { ($0.distance, $0.id) < ($1.distance, $1.id) }.map { (whole($0.id), "near") }
    }

    /// The building of which an outline is a part.
    private func whole(_ outline: String) -> String { buildings[outline]?.building ?? outline }

    /// The outlines in which a place lies, the smallest first.
    private static func around(_ place: Place, _ footprints: [String: [Box]]) -> [String] {
        func size(_ boxes: [Box]) -> Double {
            let all = Box(boxes.flatMap { [$0.low, $0.high] })
            return ((all.high.x - all.low.x) * (all.high.y - all.low.y) * 1e10).rounded(.down)
        }
        return footprints.filter { $0.value.contains { $0.distance(to: Box([place])) == 0 } }.sorted { (size($0.value), $0.key) < (size($1.value), $1.key) }.map(\.key)
    }

    /// The buildings that a path crosses or passes within 5 m.
    func buildings(along path: [Place]) -> [(building: String, method: String)] {
        let segments = zip(path, path.dropFirst()).map { Box([$0, $1]) }
        var found: [String: String] = [:]
        for (id, boxes) in footprints {
            let distance = boxes.flatMap { box in segments.map { $0.distance(to: box) } }.min() ?? .infinity
            guard distance <= 5 else { continue }
            // What crosses one of a building's outlines crosses the building.
            if distance == 0 || found[whole(id)] == nil { found[whole(id)] = distance == 0 ? "crosses" : "near" }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The rectangles of a footprint: the generator makes no other shapes.
    static func boxes(_ footprint: Plain?) -> [Box]? {
        let boxes = (footprint?.array ?? []).compactMap { shape -> Box? in
            guard let ring = shape["coordinates"]?.array?.first?.array else { return nil }
            return Box(ring.compactMap(\.position))
        }
        return boxes.isEmpty ? nil : boxes
    }

    static func place(_ point: Plain?) -> Place? {
        guard let given = point?["coordinates"]?.position else { return nil }
        switch point?["crs"]?.text {
        case nil: return given
        case "GCJ-02"?: return ChineseGrid.wgs84(ofGCJ02: given)
        case "BD-09"?: return ChineseGrid.wgs84(ofGCJ02: ChineseGrid.gcj02(ofBD09: given))
        default: return nil
        }
    }

    /// Where a building stands for what has no place of its own: the middle around its outline, else its own place.
    func middle(of building: String) -> Place? {
        if let boxes = footprints[building] {
            let all = Box(boxes.flatMap { [$0.low, $0.high] })
            return Place(x: (all.low.x + all.high.x) / 2, y: (all.low.y + all.high.y) / 2)
        }
        return fold.present("building", ended: ["building.demolished"]).first { $0.id == building }.flatMap { Self.place($0.payload["location"]) }
    }

    /// A part without a place stands in the middle of its outline.
    static func placeOrMiddle(_ payload: [String: Plain]) -> Place? {
        if let place = place(payload["location"]) { return place }
        guard let box = boxes(payload["footprint"])?.first else { return nil }
        return Place(x: (box.low.x + box.high.x) / 2, y: (box.low.y + box.high.y) / 2)
    }
}
