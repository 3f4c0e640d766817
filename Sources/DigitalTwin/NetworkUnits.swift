import Projections

/// A network's own units, which follow from its flow unit (EPANET 2.2 User Manual, appendix A, "Units of Measurement").
///
/// The US customary flow units bring feet, inches, pounds per square inch and horsepower; the others metres, millimetres,
/// metres of head and kilowatts. Without a flow unit the numbers are taken as SI, which is what the contract says.
struct NetworkUnits: Sendable, Hashable {
    /// Litres a second in one flow unit.
    let flow_lps: Double
    let isUSCustomary: Bool

    /// Feet or metres, in metres.
    var length_m: Double { isUSCustomary ? 0.3048 : 1 }
    /// Pipe and valve diameters: inches or millimetres, in millimetres.
    var diameter_mm: Double { isUSCustomary ? 25.4 : 1 }
    /// Cubic feet or cubic metres, in cubic metres.
    var volume_m3: Double { isUSCustomary ? 0.028316846592 : 1 }
    /// Horsepower or kilowatts, in kilowatts.
    var power_kW: Double { isUSCustomary ? 0.745699871582 : 1 }
    /// Pounds per square inch or metres of head, in metres of head: EPANET's own 0.4333 psi a foot.
    var pressure_m: Double { isUSCustomary ? 0.3048 / 0.4333 : 1 }

    private static let gallon_l = 3.785411784
    private static let imperialGallon_l = 4.54609
    private static let cubicFoot_l = 28.316846592
    private static let day_s = 86_400.0

    /// - Parameter code: EPANET's keyword, upper case, such as `LPS`; nil where it is none of them.
    init?(code: String) {
        switch code {
        case "CFS": self.init(flow_lps: Self.cubicFoot_l, isUSCustomary: true)
        case "GPM": self.init(flow_lps: Self.gallon_l / 60, isUSCustomary: true)
        case "MGD": self.init(flow_lps: Self.gallon_l * 1e6 / Self.day_s, isUSCustomary: true)
        case "IMGD": self.init(flow_lps: Self.imperialGallon_l * 1e6 / Self.day_s, isUSCustomary: true)
        // An acre-foot is 43,560 cubic feet.
        case "AFD": self.init(flow_lps: Self.cubicFoot_l * 43_560 / Self.day_s, isUSCustomary: true)
        case "LPS": self.init(flow_lps: 1, isUSCustomary: false)
        case "LPM": self.init(flow_lps: 1 / 60, isUSCustomary: false)
        case "MLD": self.init(flow_lps: 1e6 / Self.day_s, isUSCustomary: false)
        case "CMH": self.init(flow_lps: 1000 / 3600, isUSCustomary: false)
        case "CMD": self.init(flow_lps: 1000 / Self.day_s, isUSCustomary: false)
        default: return nil
        }
    }

    private init(flow_lps: Double, isUSCustomary: Bool) {
        self.flow_lps = flow_lps
        self.isUSCustomary = isUSCustomary
    }

    /// The units of a payload, by its `flow_units`.
    init(of payload: JSONView) {
        let code = payload["flow_units"]?.text.map { String(decoding: $0, as: UTF8.self).uppercased() } ?? "LPS"
        self = NetworkUnits(code: code) ?? NetworkUnits(flow_lps: 1, isUSCustomary: false)
    }
}
