import AdapterKit

/// `twinhub adapter discover`: what the source delivers.
struct AdapterDiscoverCommand: Command {
    static let name = "discover"
    static let abstract = "Show the columns that a source delivers, and what they hold; no values, and nothing is written."
    static let json = Flag("json", "For machines: one JSON document.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = [json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let manifest = try AdapterFolders.find(try input.required(adapter), root: context.home().adapters)
        let found = try AdapterDiscover.run(manifest, environment: context.environment)
        if input[json] {
            try context.out.json(found)
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
        return .success
    }
}
