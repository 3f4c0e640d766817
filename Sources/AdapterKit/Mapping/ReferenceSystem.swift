/// In which system a source's coordinates are. The payload names it beside the coordinates, which stay as they came; the twin converts.
struct ReferenceSystem: Sendable, Hashable {
    /// As the payload says it; nil for WGS 84, which GeoJSON means without a word (RFC 7946, section 4).
    let name: String?
    /// Whether coordinates are degrees of longitude and latitude.
    let isGeographic: Bool
    /// Whether it is the source's own plane, whose origin is a place like any other.
    var isLocal: Bool { name?.hasPrefix("local:") == true }

    /// `WGS 84` (and CGCS2000, EPSG:4326, EPSG:4490: the same within a metre), `GCJ-02`, `BD-09`, `EPSG:<number>` or `local:<name>`;
    /// nil for anything else.
    init?(_ text: String) {
        let plain = text.uppercased().filter { $0 != " " && $0 != "-" && $0 != "_" }
        switch plain {
        case "WGS84", "CGCS2000", "EPSG:4326", "EPSG:4490": (name, isGeographic) = (nil, true)
        case "GCJ02": (name, isGeographic) = ("GCJ-02", true)
        case "BD09": (name, isGeographic) = ("BD-09", true)
        default:
            if plain.hasPrefix("EPSG:"), let number = Int(plain.dropFirst(5)), (1024...999_999).contains(number) {
                (name, isGeographic) = ("EPSG:\(number)", false)
            } else if text.hasPrefix("local:"), text.utf8.count > 6, text.utf8.count <= 100 {
                (name, isGeographic) = (text, false)
            } else {
                return nil
            }
        }
    }
}
