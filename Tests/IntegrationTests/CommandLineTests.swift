import Foundation
import Subprocess
import Testing

@testable import twinhub

/// What is written to a descriptor. Its pipe is not Foundation's, whose ends go on to programs that other tests start meanwhile: reading such a pipe to
/// its end would wait for theirs.
private func written(_ write: (Int32) throws -> Void) throws -> String {
    let (reading, writing) = try ChildProcess.pipeEnds()
    let handle = FileHandle(fileDescriptor: reading, closeOnDealloc: true)
    do {
        defer { close(writing) }
        try write(writing)
    }
    return String(decoding: handle.readDataToEndOfFile(), as: UTF8.self)
}

/// A command with one of everything.
private struct SampleCommand: Command {
    static let name = "sample"
    static let abstract = "Do a thing."
    static let discussion = "More about the thing."
    static let force = Flag("force", short: "f", "Do it anyway.")
    static let seed = Option("seed", value: "N", "Same seed, same thing.", default: "1")
    static let out = Option("out", value: "DIR", "Where it goes.", required: true)
    static let only = Option("only", value: "NAME", "Only this one; may be repeated.", repeats: true)
    static let file = Positional("FILE", "What to read.")
    static let more = Positional("MORE", "What else to read.", .any)
    static let arguments: [any Argument] = [force, seed, out, only, file, more]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        context.out.line("\(try input.integer(seed, in: 1...9)) \(try input.required(file))")
        return input[force] ? .failure : .success
    }
}

private struct PassCommand: Command {
    static let name = "pass"
    static let abstract = "Hand everything on."
    static let words = Rest("WORDS", "As they are.")
    static let arguments: [any Argument] = [words]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        context.out.line(input.all(words).joined(separator: "|"))
        return .success
    }
}

private struct FailingCommand: Command {
    static let name = "failing"
    static let abstract = "Fail."
    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        throw CommandError(.temporary, "The server is away. Try again later.")
    }
}

private struct GroupCommand: Command {
    static let name = "group"
    static let abstract = "Several things."
    static let subcommands: [any Command.Type] = [SampleCommand.self, PassCommand.self, FailingCommand.self]
}

private struct RootCommand: Command {
    static let name = "root"
    static let abstract = "The root."
    static let subcommands: [any Command.Type] = [GroupCommand.self, PassCommand.self]
}

@Suite struct CommandLineTests {
    private func parse(_ words: String) throws -> ParsedArguments {
        guard case .run(_, let input) = try Parser(root: RootCommand.self).parse(words.split(separator: " ").map(String.init)) else {
            throw UsageError("help")
        }
        return input
    }

    private func run(_ words: String, root: any Command.Type = RootCommand.self) throws -> (status: Int32, out: String, err: String) {
        var status: Int32 = 0
        var err = ""
        let out = try written { out in
            err = try written { err in
                let context = Context(out: Terminal(out), err: Terminal(err), environment: [:])
                status = Runner.run(root, words.split(separator: " ").map(String.init), context)
            }
        }
        return (status, out, err)
    }

    @Test func valuesInEveryPlace() throws {
        let input = try parse("group sample a.csv --seed=7 -f b.csv --out x --only p --only q c.csv")
        #expect(input[SampleCommand.force])
        #expect(input[SampleCommand.seed] == "7")
        #expect(input[SampleCommand.out] == "x")
        #expect(input.all(SampleCommand.only) == ["p", "q"])
        #expect(input[SampleCommand.file] == "a.csv")
        #expect(input.all(SampleCommand.more) == ["b.csv", "c.csv"])
        #expect(input.path == "root group sample")
        #expect(try parse("group sample --out x -- --seed")[SampleCommand.file] == "--seed")
        #expect(try parse("group sample --out=a=b -")[SampleCommand.out] == "a=b")
    }

    @Test(arguments: [
        ("group sample a --ouut x", "'root group sample' has no option --ouut. Did you mean --out?"),
        ("group sample a --sede=3", "'root group sample' has no option --sede. Did you mean --seed?"),
        ("group sample a --xylophone", "'root group sample' has no option --xylophone."),
        ("group smaple", "'root group' has no command 'smaple'. Did you mean 'sample'?"),
        ("grp", "'root' has no command 'grp'. Did you mean 'group'?"),
        ("group", "'root group' needs a command after it: sample, pass, failing."),
        ("group sample a", "'root group sample' needs --out DIR: Where it goes."),
        ("group sample --out x", "'root group sample' needs FILE: What to read."),
        ("group sample a --out", "--out needs a value: --out DIR."),
        ("group sample a --out x --out y", "--out is given twice."),
        ("group sample a --force=yes --out x", "--force takes no value."),
        ("group sample a --out x --seed ten", "--seed takes a whole number from 1 to 9, not 'ten'."),
        ("group sample a --out x --seed 10", "--seed takes a whole number from 1 to 9, not '10'."),
        ("group failing now", "'root group failing' does not take 'now'."),
    ])
    func aWrongLineIsExplained(_ words: String, _ message: String) throws {
        let result = try run(words)
        #expect(result.status == 2)
        #expect(result.out == "")
        #expect(result.err.hasPrefix("twinhub: \(message) See 'root"), "\(result.err)")
    }

    @Test func addressesAreReadWithoutAHub() throws {
        let page = try run("address --home 310115 东昌路12弄3号601室", root: TwinhubCommand.self)
        #expect(page.status == 0)
        #expect(page.out == """
            东昌路12弄3号601室
            division 310115 浦东新区
            part      value   read from  by rule
            ────────  ──────  ─────────  ───────────
            road      东昌路  东昌路     road_ending
            lane      12      12弄       unit
            entrance  3       3号        lane_door
            room      601     601室      unit


            """)
        let lines = try run("address --json 杭州市西湖区 London", root: TwinhubCommand.self)
        #expect(lines.out == """
            {"address":"杭州市西湖区","division":330106,"parts":{"city":"杭州市","district":"西湖区"},"readings":[{"part":"city","rule":"gazetteer","text":"杭州市"},\
            {"part":"district","rule":"gazetteer","text":"西湖区"}]}
            {"address":"London","parts":{"unparsed":"London"},"readings":[{"part":"unparsed","rule":"foreign","text":"London"}]}

            """)
        #expect(try run("address --home 310199 东昌路", root: TwinhubCommand.self).err.contains("There is no division 310199."))
    }

    @Test func exitCodes() throws {
        #expect(try run("group sample a --out x").status == 0)
        #expect(try run("group sample a --out x").out == "1 a\n")
        #expect(try run("group sample a --out x --force").status == 1)
        let failed = try run("group failing")
        #expect(failed.status == 75)
        #expect(failed.err == "twinhub: The server is away. Try again later.\n")
        #expect(try run("--version").out == "twinhub \(TwinhubCommand.version)\n")
    }

    @Test func wordsForAnotherProgramPassUntouched() throws {
        #expect(try run("pass -Atc select --help -- x").out == "-Atc|select|--help|--|x\n")
        #expect(try run("pass --help").out.hasPrefix("Hand everything on.\n\nUsage: root pass [WORDS...]\n"))
    }

    @Test func helpIsMadeOfTheDeclarations() throws {
        let expected = """
            Do a thing.

            Usage: root group sample --out DIR [options] FILE [MORE...]

            More about the thing.

            Arguments:
              FILE  What to read.
              MORE  What else to read.

            Options:
              -f, --force  Do it anyway.
              --seed N     Same seed, same thing. (default: 1)
              --out DIR    Where it goes.
              --only NAME  Only this one; may be repeated.
              --help       Show this text.

            """
        for words in ["group sample --help", "help group sample", "group sample a -h"] {
            let result = try run(words)
            #expect(result.status == 0)
            #expect(result.out == expected)
        }
        #expect(try run("").out == run("--help").out)
        #expect(try run("group --help").out.contains("  failing  Fail.\n"))
    }

    /// Every command of the real program has a help that fits a window, and says something.
    @Test func theWholeProgramIsExplained() {
        func visit(_ command: any Command.Type, _ path: String) {
            let text = Help.text(for: command, path: path)
            #expect(command.abstract.hasSuffix("."), "\(path): the abstract is a sentence")
            for line in text.split(separator: "\n") { #expect(line.count <= 150, "\(path): \(line)") }
            let names = command.subcommands.map { $0.name }
            #expect(Set(names).count == names.count, "\(path) names a command twice")
            #expect(Set(command.arguments.map(\.key)).count == command.arguments.count, "\(path) declares an argument twice")
            for below in command.subcommands { visit(below, path + " " + below.name) }
        }
        visit(TwinhubCommand.self, TwinhubCommand.name)
    }
}

@Suite struct OutputTests {
    @Test func wideCharactersTakeTwoColumns() {
        #expect(Columns.width(of: "陆家嘴") == 6)
        #expect(Columns.width(of: "e\u{301}a") == 2)
        #expect(Columns.width(of: "，x") == 3)
        var table = Table([.left("name"), .right("rows")])
        table.add(["楼栋", "7"])
        table.add(["case", "12,345"])
        #expect(table.rendered == "name    rows\n────  ──────\n楼栋       7\ncase  12,345\n")
    }

    @Test func progressInWords() {
        #expect(Progress.text(label: "rows", done: 1_234_567, total: nil, note: "", bar: 0) == "rows: 1,234,567")
        #expect(Progress.text(label: "rows", done: 50, total: 200, note: "p.csv", bar: 4) == "rows: █░░░ 25 % (50 of 200) p.csv")
        #expect(Progress.grouped(-1000) == "-1,000")
        #expect(Progress.seconds(.milliseconds(400)) == "0.4 s")
        #expect(Progress.seconds(.seconds(185)) == "3 min 5 s")
    }

    @Test func withoutATerminalProgressIsOneLine() throws {
        let text = try written { descriptor in
            let progress = Progress(Terminal(descriptor), "rows", total: 100_000)
            for row in 0...100_000 { progress.update(row) }
            progress.finish("100,000 rows.")
        }
        #expect(text == "100,000 rows.\n")
    }

    @Test(arguments: [("staus", "status"), ("prject", "project"), ("proj", "project"), ("zzz", nil), ("x", nil)])
    func theNearestWord(_ word: String, _ nearest: String?) {
        #expect(Nearest.to(word, among: ["status", "project", "psql", "server"]) == nearest)
    }
}
