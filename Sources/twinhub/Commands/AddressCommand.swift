import DigitalTwin
import Foundation
import PostgresClient

/// `twinhub address TEXT`: how an address is read, and by which rules.
struct AddressCommand: Command {
    static let name = "address"
    static let abstract = "Read Chinese addresses: their parts, and which rule read which."
    static let discussion = "Needs no hub, but with --aliases. What no rule understands is said to be unparsed."
    static let subcommands: [any Command.Type] = [AddressAliasCommand.self, AddressUnaliasCommand.self]
    static let home = Option(
        "home", value: "CODE", "The division that writes the addresses, such as 310115: it decides between divisions of one name.")
    static let aliases = Flag("aliases", "Put what they stand for in place of the aliases that the hub's twin knows.")
    static let at = Option("at", value: "TIME", "With --aliases: those that hold at this time, such as 2010-06-30T00:00:00+08:00; without it now.")
    static let json = Flag("json", "For machines: an object a line.")
    static let texts = Positional("ADDRESS", "What to read.", .oneOrMore)
    static let arguments: [any Argument] = [home, aliases, at, json, texts]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        var home: Int32?
        if input[Self.home] != nil {
            let code = Int32(try input.integer(Self.home, in: 11...999_999_999))
            guard Gazetteer.builtIn.name(of: code) != nil else { throw UsageError("There is no division \(code). Codes have 2, 4, 6 or 9 digits.") }
            home = code
        }
        let parser = AddressParser(home: home)
        let known = try input[aliases] ? AddressAliasCommand.known(context) : .none
        var moment = Date()
        if let word = input[at] {
            guard let time = Timestamp(iso8601: word) else { throw UsageError("--at takes a time such as 2010-06-30T00:00:00+08:00, not '\(word)'.") }
            moment = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        }
        for text in input.all(texts) {
            let rewritten = known.rewritten(text, at: Int64(moment.timeIntervalSince1970 * 1_000_000))
            let address = parser.parse(rewritten?.text ?? text)
            context.out.write(input[json] ? try line(address) : page(address, rewritten?.applied ?? []))
        }
        return .success
    }

    private static func page(_ address: Address, _ aliases: [AddressAlias]) -> String {
        let division = address.division.map { "division \($0) \(Gazetteer.builtIn.name(of: $0) ?? "")" } ?? "no division that is certain"
        var table = Table([.left("part"), .left("value"), .left("read from"), .left("by rule")])
        for reading in address.readings {
            let text = address.text(of: reading)
            table.add([reading.part.rawValue, Address.value(reading.part, text), text, reading.rule.rawValue])
        }
        let why = aliases.map { "\($0.name) stands for \($0.standsFor) (address.aliased at position \($0.position))\n" }.joined()
        return "\(why)\(address.original)\n\(division)\n\(table.rendered)\n"
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
