import AdapterKit

/// `twinhub adapter discover`: what the source delivers.
struct AdapterDiscoverCommand: Command {
    static let name = "discover"
    static let abstract = "Show what a source delivers: streams, columns, and what they hold; no values, and nothing is written."
    static let discussion = """
        Of the manifest's streams up to 5,000 records are looked at. What else the source has is listed where it says so: a tap's
        catalog, the tables of a database that the login may read.
        """
    static let json = Flag("json", "For machines: one JSON document.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = [json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let manifest = try AdapterFolders.find(try input.required(adapter), root: context.home().adapters)
        let found = try AdapterDiscover.run(manifest, environment: context.environment)
        let others = try AdapterDiscover.others(manifest, environment: context.environment)
        if input[json] {
            try context.out.json(Discovered(streams: found, others: others))
            return .success
        }
        for stream in found {
            context.out.line("\(stream.stream): \(Progress.grouped(stream.records)) records of \(stream.input)")
            var table = Table([.left("column"), .left("type"), .right("present"), .right("missing"), .right("different"), .left("looks personal")])
            for column in stream.columns {
                let type = column.format.map { "\(column.type) \($0)" } ?? column.type
                table.add([column.name, type, String(column.present), String(column.missing), String(column.distinct), column.personal ?? ""])
            }
            context.out.write(table.rendered + "\n")
        }
        guard !others.isEmpty else { return .success }
        context.out.line("not read by the manifest:")
        var table = Table([.left("stream"), .left("columns"), .left("look personal")])
        for other in others {
            let columns = other.columns.map { "\($0.name) \($0.type)" }
            let list = columns.count > 12 ? columns.prefix(12).joined(separator: ", ") + ", … (\(columns.count))" : columns.joined(separator: ", ")
            table.add([other.name, list, other.columns.filter { $0.personal != nil }.map(\.name).joined(separator: ", ")])
        }
        context.out.write(table.rendered)
        return .success
    }

    private struct Discovered: Encodable {
        let streams: [AdapterDiscover.Found]
        let others: [AdapterDiscover.Offered]
    }
}
