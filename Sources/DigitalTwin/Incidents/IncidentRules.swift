import Foundation
import Schemas

/// By what reports are told to be of one incident.
enum IncidentRules {
    /// Reports are of one incident if they are near in place and time and of the same trouble; how much each agreement weighs is `weights`.
    static let rules = MatchRules(
        kind: "incident",
        attributes: [
            ComparedAttribute("place", .site, steps: [20, 60, 220]), ComparedAttribute("trouble", .codes), ComparedAttribute("words", .text, steps: [0.6, 0.3]),
            ComparedAttribute("time", .moment, steps: [900, 3_600, 14_400, 43_200, 86_400, 172_800]),
        ],
        blocks: [], vetoes: [("more than 220 m apart", ["place"]), ("more than two days apart", ["time"])])

    /// Blocks of more reports than this say too little (a city's default point, an export's midnight) and are left out.
    static let largestBlock = 200

    /// Two reports that are of one incident less probably than this stand in none together, whatever third one each is linked to.
    static let apartBelow = 0.05

    /// `Schemas/incidents/weights.json`: learned as `Sources/DigitalTwin/Incidents/README.md` says; a change of it is a change of the twin's tables.
    static let weights: Calibration = {
        guard let text = Schemas.text("incidents/weights.json"), let read = try? JSONDecoder().decode(Calibration.self, from: Data(text.utf8)),
            read.fits(rules)
        // Nothing is linked, rather than anything: the test of the file fails first.
        else { return Calibration(rules, candidates: [], everywhere: [], pairs: 1) }
        return read
    }()

    /// What of the twin's definition stands in no SQL.
    static let mark = "/* " + ["weights.json", "troubles.txt"].map { (Schemas.text("incidents/\($0)") ?? "").replacing("*/", with: "") }.joined() + " */"
}
