import AdapterKit
import EventLog
import Foundation
import Operations
import PostgresClient

/// `twinhub subject …`: what the hub holds of one person.
struct SubjectCommand: Command {
    static let name = "subject"
    static let abstract = "Open, erase and account for what is held of one person."
    static let discussion = """
        SUBJECT is the person's pseudonym, 32 hexadecimal digits, as in `person/<pseudonym>`; or `-`: then the number that
        identifies the person is read from standard input, so that it stands in no list of processes and no shell's history.
        """
    static let subcommands: [any Command.Type] = [Show.self, SubjectEraseCommand.self, Who.self, Find.self, Readmit.self]

    static let subject = Positional("SUBJECT", "The person: a pseudonym, or - for a number on standard input.")
    static let domain = Option("domain", value: "NAME", "What the number on standard input is: id_number, phone …", default: "id_number")
    static let steward = Option("as", value: "STEWARD", "The steward's login, as `twinhub role login STEWARD --as steward` made it.", required: true)
    static let reason = Option("reason", value: "TEXT", "Why. Noted for good; `subject who` shows it.", required: true)
    static let json = Flag("json", "For machines: one JSON document.")

    /// `twinhub subject show SUBJECT --as STEWARD --reason TEXT`
    struct Show: Command {
        static let name = "show"
        static let abstract = "Open a person's sealed values. Who, when and why is noted first."
        static let everywhere = Flag("everywhere", "Also in facts about other things, such as a home's owner: reads the whole log.")
        static let arguments: [any Argument] = [steward, reason, domain, everywhere, json, subject]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner(application: "twinhub subject")
            let keys = try hub.keys(on: owner)
            let person = try SubjectCommand.person(input, keys)
            let entries = try SubjectValues(keys).open(
                person, reason: try input.required(reason), everywhere: input[everywhere], steward: hub.steward(try input.required(steward), owner))
            if input[json] {
                try context.out.json(entries.map { Shown(position: $0.position, source: $0.source, event: $0.event, subject: $0.subject, member: $0.member, value: $0.value) })
                return .success
            }
            var table = Table([.left("source"), .left("fact"), .left("member"), .left("value"), .right("position")])
            for entry in entries { table.add([entry.source, entry.event, entry.member, entry.value ?? "(cannot be opened)", "\(entry.position)"]) }
            context.out.write(table.rendered)
            if entries.isEmpty { context.err.line("Nothing is sealed of this person\(input[everywhere] ? "" : ", in facts about the person"). It is noted that you looked.") }
            return withExtendedLifetime(hub) { .success }
        }

        private struct Shown: Codable {
            let position: Int64, source: String, event: String, subject: String, member: String, value: String?
        }
    }

    /// `twinhub subject who SUBJECT`
    struct Who: Command {
        static let name = "who"
        static let abstract = "List who opened or erased a person's values, when and why."
        static let arguments: [any Argument] = [domain, json, subject]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner(application: "twinhub subject")
            let person = try SubjectCommand.person(input, hub.keys(on: owner))
            let rows = try owner.query(
                "SELECT to_char(at, 'YYYY-MM-DD HH24:MI:SS TZ'), who, action, reason FROM hub.subject_access WHERE subject = $1 ORDER BY id", [.text(person)])
            let found = (0..<rows.count).map { Access(at: rows.text($0, 0) ?? "", who: rows.text($0, 1) ?? "", action: rows.text($0, 2) ?? "", reason: rows.text($0, 3) ?? "") }
            if input[json] {
                try context.out.json(found)
                return .success
            }
            var table = Table([.left("when"), .left("who"), .left("what"), .left("why")])
            for access in found { table.add([access.at, access.who, access.action, access.reason]) }
            context.out.write(table.rendered)
            return withExtendedLifetime(hub) { .success }
        }

        private struct Access: Codable {
            let at: String, who: String, action: String, reason: String
        }
    }

    /// `twinhub subject find -`
    struct Find: Command {
        static let name = "find"
        static let abstract = "Say which pseudonym a number has, and where it is known. Opens nothing."
        static let arguments: [any Argument] = [domain, subject]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner(application: "twinhub subject")
            let person = try SubjectCommand.person(input, hub.keys(on: owner))
            let rows = try owner.query(
                """
                SELECT coalesce((SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM hub.subject_key k JOIN hub.source s ON s.id = k.source_id WHERE k.subject = $1), 'no source'),
                       EXISTS (SELECT FROM hub.erasure WHERE subject = $1 AND readmitted_at IS NULL)
                """, [.text(person)])
            context.out.line(person)
            context.err.line("Sealed values of: \(rows.text(0, 0) ?? "").\(rows.bool(0, 1) ? " The person was erased." : "")")
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// `twinhub subject readmit SUBJECT --as STEWARD --reason TEXT`
    struct Readmit: Command {
        static let name = "readmit"
        static let abstract = "Let what sources say of an erased person in again, from now on and under new keys."
        static let arguments: [any Argument] = [steward, reason, domain, subject]

        static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
            let hub = try context.openHub()
            let owner = try hub.connectAsOwner(application: "twinhub subject")
            let person = try SubjectCommand.person(input, hub.keys(on: owner))
            let readmitted = try hub.steward(try input.required(steward), owner).query(
                "SELECT hub.readmit_subject($1, $2)", [.text(person), .text(try input.required(reason))])
            guard readmitted.bool(0, 0) else {
                context.err.line("This person was not erased, or the erasure is not finished.")
                return .failure
            }
            context.out.line("\(person) is let in again: the next full pull of each source tells what it says of the person.")
            return withExtendedLifetime(hub) { .success }
        }
    }

    /// The pseudonym that the command line or standard input names.
    static func person(_ input: ParsedArguments, _ keys: Keys) throws -> String {
        let word = try input.required(subject)
        if word == "-" {
            guard let line = readLine(strippingNewline: true), !line.allSatisfy(\.isWhitespace) else { throw UsageError("Standard input holds no number.") }
            return Protection(keys).pseudonym(of: line, domain: input[domain] ?? "id_number")
        }
        let person = word.hasPrefix("person/") ? String(word.dropFirst(7)) : word
        guard person.utf8.count == 32, person.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw UsageError("SUBJECT is a pseudonym of 32 hexadecimal digits, or - for a number on standard input.")
        }
        return person
    }
}

extension Hub {
    /// The keys that were used before.
    func keys(on owner: Connection) throws -> Keys {
        try KeyFiles(home).confirm(on: owner)
        return try Keys(folder: home.keys)
    }

    /// A connection of a steward's own login: what is noted bears his name.
    func steward(_ name: String, _ owner: Connection) throws -> Connection {
        let hub = try Migrations.hubName(on: owner)
        let role = name.hasPrefix("\(hub)_steward_") ? name : "\(hub)_steward_\(name)"
        guard try Roles.logins(on: owner).contains(where: { $0.role == role }) else {
            throw UsageError("There is no steward \(name). Make the login: twinhub role login \(name) --as steward")
        }
        if isEmbedded { return try Connection(conninfo(user: role), application: "twinhub subject") }
        var string = try ConnectionString(parsing: conninfo)
        string.settings["user"] = role
        string.settings["password"] = try home.passwordFile(ofRole: role, database: hub).password
        return try Connection(string.text, application: "twinhub subject")
    }
}
