import DigitalTwin
import EventLog
import Operations
import PostgresClient

/// `twinhub address alias NAME --for OTHER --as STEWARD --reason TEXT`
struct AddressAliasCommand: Command {
    static let name = "alias"
    static let abstract = "Say that one name stands for another: a renamed road, a compound's former name, a changed number."
    static let discussion = """
        A fact in the log. What it touches is compared anew with the next `twinhub project`; a claim of a time at which the alias
        does not hold is not. A name as an address has it: 烟台路, 东昌路10号, 四季新村. Once more for the same name and
        beginning replaces what was said.
        """
    static let standsFor = Option("for", value: "OTHER", "What it stands for: 浦建路, 东昌路12号, 浦东南路120弄.", required: true)
    static let from = Option("from", value: "TIME", "Since when it does, such as 2010-01-01T00:00:00+08:00; without it always.")
    static let to = Option("to", value: "TIME", "Until when; without it for ever.")
    static let alias = Positional("NAME", "The alias, as an address has it.")
    static let arguments: [any Argument] = [standsFor, from, to, StewardsPen.steward, StewardsPen.reason, alias]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let name = try input.required(alias), other = try input.required(standsFor)
        var members = ["name": name, "stands_for": other]
        for (option, member) in [(from, "valid_from"), (to, "valid_to")] {
            guard let word = input[option] else { continue }
            guard Timestamp(iso8601: word) != nil else { throw UsageError("\(option.key) takes a time such as 2010-01-01T00:00:00+08:00, not '\(word)'.") }
            members[member] = word
        }
        guard !AddressAliases([AddressAlias(name: name, standsFor: other)]).isEmpty else {
            throw UsageError("No rule reads '\(name)' and '\(other)' as two different parts of addresses: see `twinhub address '\(name)' '\(other)'`.")
        }
        let hub = try context.openHub()
        let pen = try StewardsPen(input, of: "address", hub, hub.connectAsOwner(application: "twinhub address"))
        return try pen.tell(pen.event("address.aliased", subject(name, input[from]), members), context)
    }

    static func subject(_ name: String, _ from: String?) -> String { "alias/\(name)" + (from.map { "/\($0)" } ?? "") }

    /// The aliases of the twin as it is.
    static func known(_ context: Context) throws -> AddressAliases {
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner(application: "twinhub address")
        guard let number = try connection.query("SELECT to_regclass('twin.alias') IS NOT NULL").bool(0, 0) ? connection.query("SELECT number FROM twin.generation").int(0, 0) : nil else {
            throw CommandError(.failure, "There is no twin yet: twinhub project")
        }
        return try AddressAliases(in: "twin_g\(number).alias_claim", on: connection)
    }
}

/// `twinhub address unalias NAME --as STEWARD --reason TEXT`
struct AddressUnaliasCommand: Command {
    static let name = "unalias"
    static let abstract = "Take back that a name stands for another."
    static let arguments: [any Argument] = [AddressAliasCommand.from, StewardsPen.steward, StewardsPen.reason, AddressAliasCommand.alias]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let pen = try StewardsPen(input, of: "address", hub, hub.connectAsOwner(application: "twinhub address"))
        let subject = AddressAliasCommand.subject(try input.required(AddressAliasCommand.alias), input[AddressAliasCommand.from])
        return try pen.tell(pen.event("address.unaliased", subject, [:]), context)
    }
}
