import DigitalTwin
import Foundation

/// `twinhub address TEXT`: how an address is read, and by which rules.
struct AddressCommand: Command {
    static let name = "address"
    static let abstract = "Read Chinese addresses: their parts, and which rule read which."
    static let discussion = "Needs no hub. What no rule understands is said to be unparsed."
    static let home = Option(
        "home", value: "CODE", "The division that writes the addresses, such as 310115: it decides between divisions of one name.")
    static let json = Flag("json", "For machines: an object a line.")
    static let texts = Positional("ADDRESS", "What to read.", .oneOrMore)
    static let arguments: [any Argument] = [home, json, texts]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        var home: Int32?
        if input[Self.home] != nil {
            let code = Int32(try input.integer(Self.home, in: 11...999_999_999))
            guard Gazetteer.builtIn.name(of: code) != nil else { throw UsageError("There is no division \(code). Codes have 2, 4, 6 or 9 digits.") }
            home = code
        }
        let parser = AddressParser(home: home)
        for text in input.all(texts) {
            let address = parser.parse(text)
            context.out.write(input[json] ? try line(address) : page(address))
        }
        return .success
    }

    private static func page(_ address: Address) -> String {
        let division = address.division.map { "division \($0) \(Gazetteer.builtIn.name(of: $0) ?? "")" } ?? "no division that is certain"
        var table = Table([.left("part"), .left("value"), .left("read from"), .left("by rule")])
        for reading in address.readings {
            let text = address.text(of: reading)
            table.add([reading.part.rawValue, Address.value(reading.part, text), text, reading.rule.rawValue])
        }
        return "\(address.original)\n\(division)\n\(table.rendered)\n"
    }

    private struct Line: Encodable {
        struct Reading: Encodable {
            let part: String
            let rule: String
            let text: String
        }
        let address: String
        let division: Int32?
        let parts: [String: String]
        let readings: [Reading]
    }

    private static func line(_ address: Address) throws -> String {
        let parts = AddressPart.allCases.compactMap { part in address[part].map { (part.rawValue, $0) } }
        let readings = address.readings.map { Line.Reading(part: $0.part.rawValue, rule: $0.rule.rawValue, text: address.text(of: $0)) }
        let line = Line(
            address: address.original, division: address.division, parts: Dictionary(parts, uniquingKeysWith: { first, _ in first }), readings: readings)
        return String(decoding: try JSONEncoder.sorted.encode(line), as: UTF8.self) + "\n"
    }
}
