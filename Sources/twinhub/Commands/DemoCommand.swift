import EventLog
import Foundation
import Operations
import PostgresClient
import Schemas
import Subprocess

/// `twinhub demo`: the main job, from nothing to a twin that can be asked.
struct DemoCommand: Command {
    static let name = "demo"
    static let abstract = "Build the twin of a real neighbourhood (Lujiazui, Shanghai) from fifteen sources, and show one building of it."
    static let discussion = """
        Every adapter is a process of its own under a database role of its own; a second run appends no fact.
        Buildings, the river and two cities' cases are real; the departments' registers of these
        buildings are simulated (nobody in them is real), and the water network is the benchmark network C-Town, put
        under Lujiazui by a demonstration placement.
        """

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let connection = try Connection(hub.conninfo)
        let done = try Migrations.apply(on: connection)
        if !done.isEmpty { context.err.line("twinhub: schema brought up to date (\(done.count) steps)") }
        let source = try DemoSource(hub.home, context)

        var reports: [AdapterReport] = []
        let names = try AdapterCommand.chosen([], hub.home).map(\.name)
        for (index, name) in names.enumerated() {
            context.err.line("twinhub: adapter \(index + 1) of \(names.count): \(name)")
            reports.append(try child(["adapter", "run", name, "--json"], context, environment: source.environment))
        }
        context.err.line("twinhub: folding the log into the twin")
        let _: ProjectCommand.Outcome = try child(["project", "--once", "--json"], context, environment: [:])

        context.out.line("\nWhat the adapters brought")
        context.out.write(AdapterReport.table(reports))
        context.out.line("\nWhat the twin holds")
        context.out.write(try entities(on: connection))
        context.out.line("\nOne of its buildings")
        if let id = try connection.execute(statement("demo_building")).text(0, 0),
            let card = try connection.query("SELECT twin.building_card($1)", [.text(id)]).text(0, 0)
        {
            context.out.write(try BuildingCard(json: card).text)
        }
        context.out.write(nextSteps(facts: reports.reduce(0) { $0 + $1.facts }))
        return withExtendedLifetime((hub, source)) { .success }
    }

    /// Runs this program again, as a process of its own, and reads what it says as JSON.
    private static func child<Answer: Decodable>(_ words: [String], _ context: Context, environment extra: [String: String]) throws -> Answer {
        guard let program = ServerWatch.program else {
            throw CommandError(.configuration, "The twinhub program does not know where it lies. Start it by its full path.")
        }
        let (reading, writing) = try ChildProcess.pipeEnds()
        let process = try ChildProcess.start(
            program, words, environment: context.environment.merging(extra) { $1 }, output: .descriptor(writing))
        close(writing)
        let (output, status) = try Cancellation.forwarding(to: process.pid) {
            (FileHandle(fileDescriptor: reading, closeOnDealloc: true).readDataToEndOfFile(), process.wait())
        }
        try Cancellation.check()
        guard status == 0 else {
            throw CommandError(ExitCode(rawValue: status) ?? .failure, "`twinhub \(words.prefix(3).joined(separator: " "))` ended with exit code \(status); see above.")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Answer.self, from: output)
    }

    private static func entities(on connection: Connection) throws -> String {
        var table = Table([.left("kind"), .right("number")])
        let rows = try connection.execute(statement("demo_entities"))
        for row in 0..<rows.count { table.add([rows.text(row, 0) ?? "", Progress.grouped(Int(rows.int(row, 1) ?? 0))]) }
        return table.rendered
    }

    private static func statement(_ name: String) throws -> String {
        guard let text = Schemas.text("sql/statements/\(name).sql") else {
            throw CommandError(.failure, "The statement \(name) is missing from this program. Build it again.")
        }
        return text
    }

    private static func nextSteps(facts: Int) -> String {
        """

        \(facts == 0 ? "Nothing new: every source says what it said before, and no fact was appended." : "\(Progress.grouped(facts)) facts appended. Run `./twinhub demo` again: it appends none.")
        The water network is the benchmark network C-Town, put under these buildings by a demonstration placement.
        Next:  ./twinhub psql                         ask the twin: \\dv twin.*   \\d+ twin.building
               ./twinhub show building/<id>           one building with all that is known of it
               ./twinhub status                       each source's last run, and how far the twin is
               ./twinhub verify                       prove that no fact was changed

        """
    }
}

/// The civil affairs office's own database, which the demo has to stand in for: a server of its own, beside the hub's,
/// filled from the adapter's samples, gone with the demo, however that ends.
private struct DemoSource {
    private let scratch: ScratchServer
    let environment: [String: String]

    init(_ home: HubHome, _ context: Context) throws {
        context.err.line("twinhub: starting the civil affairs office's own database, for this demo only")
        scratch = try ScratchServer(directory: home.state + "/civil-affairs")
        let table = home.adapters + "/civil-affairs/samples/civil_affairs.sql"
        guard let sql = FileManager.default.contents(atPath: table) else {
            throw CommandError(.configuration, "\(table) cannot be read. Restore it from the repository.")
        }
        try Connection(scratch.server.conninfo()).execute(String(decoding: sql, as: UTF8.self))
        environment = ["TWINHUB_CIVIL_AFFAIRS": scratch.server.conninfo()]
    }
}
