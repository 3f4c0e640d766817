/// A fact as the reference fold sees it: plain values, no bytes.
struct PlainFact {
    var position: Int64 = 0
    /// Number of the source in `hub.source`.
    var source: Int32
    var type: String
    var subject: String
    /// Microseconds since 1970.
    var occurred: Int64?
    var recorded: Int64 = 0
    var payload: [String: Plain] = [:]

    /// When it counts.
    var effective: Int64 { occurred ?? recorded }
    /// The subject without its kind.
    var key: String { String(subject[(subject.firstIndex(of: "/").map { subject.index(after: $0) } ?? subject.startIndex)...]) }
}

/// A JSON value.
indirect enum Plain {
    case null, text(String), number(Double), bool(Bool), array([Plain]), object([String: Plain])

    var json: String {
        switch self {
        case .null: "null"
        case .text(let text): "\"" + text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "\""
        case .number(let number): plainNumber(number)
        case .bool(let bool): "\(bool)"
        case .array(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
        case .object(let members): "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value.json)" }.joined(separator: ",") + "}"
        }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var array: [Plain]? { if case .array(let values) = self { values } else { nil } }
    subscript(name: String) -> Plain? { if case .object(let members) = self { members[name] } else { nil } }
    /// Two numbers.
    var position: Place? {
        guard let array, array.count == 2, let x = array[0].number, let y = array[1].number else { return nil }
        return Place(x: x, y: y)
    }
}

/// As PostgreSQL prints a double: the shortest digits, and none after the point of an integer.
func plainNumber(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
}

/// A place: degrees, or a network's own units.
struct Place: Hashable {
    var x: Double
    var y: Double
}

/// An upright rectangle; a segment along an axis is one without area.
struct Box: Hashable {
    var low: Place
    var high: Place

    init(_ places: [Place]) {
        low = Place(x: places.map(\.x).min() ?? 0, y: places.map(\.y).min() ?? 0)
        high = Place(x: places.map(\.x).max() ?? 0, y: places.map(\.y).max() ?? 0)
    }

    /// Metres between two boxes in degrees, on a sphere and a plane: good to a percent, and the cases are clearer than that.
    func distance(to other: Box) -> Double {
        let metres = Double.pi * 6_371_008.8 / 180
        let dx = max(0, other.low.x - high.x, low.x - other.high.x) * metres * cosine(low.y)
        let dy = max(0, other.low.y - high.y, low.y - other.high.y) * metres
        return (dx * dx + dy * dy).squareRoot()
    }
}
