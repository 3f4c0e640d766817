import AdapterKit
import EventLog
import Foundation

/// `twinhub adapter preview`: what a source's records become.
struct AdapterPreviewCommand: Command {
    static let name = "preview"
    static let abstract = "Show the first facts that a source gives, each beside the record that it is of; nothing is written."
    static let discussion = """
        On the left the record as it came, on the right its facts. Of personal values the shape is shown (9 a digit, A a letter, 字 any
        other). Pseudonyms are made with a key that protects nobody: they are not those in the log.
        """
    static let count = Option("count", short: "n", value: "N", "How many facts of each stream.", default: "20")
    static let samples = Flag("samples", "Read the adapter's samples, not its source.")
    static let json = Flag("json", "For machines: the facts alone, one JSON document a line.")
    static let adapter = Positional("NAME", "Which adapter.")
    static let arguments: [any Argument] = [count, samples, json, adapter]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let limit = try input.integer(count, in: 1...1_000_000)
        let manifest = try AdapterFolders.find(try input.required(adapter), root: context.home().adapters)
        let result = try AdapterPreview.run(manifest, limit: limit, samples: input[samples], environment: context.environment)
        if input[json] {
            for fact in result.facts { context.out.line(FactLine.text(fact)) }
        } else {
            for record in result.records { context.out.write(SideBySide.text(of: record)) }
        }
        for row in result.refused { context.err.line("refused: \(row.file):\(row.line): \(row.rule): \(row.message)") }
        context.err.line("\(result.counters.read) rows read, \(result.facts.count) facts, \(result.refused.count) refused; nothing was written")
        return .success
    }
}

/// A record and its facts in two columns.
private enum SideBySide {
    /// In columns of a terminal.
    private static let mostOfName = 24
    private static let mostOfValue = 40

    static func text(of record: PreviewedRecord) -> String {
        var left: [String] = []
        let names = min(mostOfName, record.columns.map { Columns.width(of: $0.name) }.max() ?? 0)
        for column in record.columns { left.append(padded(cut(column.name, to: mostOfName), to: names) + "  " + cut(oneLine(column.value), to: mostOfValue)) }
        var right: [String] = []
        for fact in record.facts {
            right.append("\(fact.type)  \(fact.subject)")
            if let time = fact.occurredAt { right.append("  occurred_at: \(time)") }
            right += members(of: fact.payload).map { "  \($0.name): \(cut($0.value, to: 2 * mostOfValue))" }
        }
        if record.facts.isEmpty { right.append("no fact: none of the conditions holds") }
        let width = left.map { Columns.width(of: $0) }.max() ?? 0
        let lines = (0..<max(left.count, right.count)).map { row in
            let line = "  " + padded(row < left.count ? left[row] : "", to: width) + "  │ " + (row < right.count ? right[row] : "")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        let places = record.places.count > 4 ? record.places.prefix(3) + ["and \(record.places.count - 3) more"] : record.places[...]
        return places.joined(separator: ", ") + "\n" + lines.map { $0 + "\n" }.joined() + "\n"
    }

    /// The members of a payload, each value as JSON.
    private static func members(of payload: [UInt8]) -> [(name: String, value: String)] {
        FactLine.members(of: payload) ?? [("payload", String(decoding: payload, as: UTF8.self))]
    }

    private static func oneLine(_ text: String) -> String {
        text.contains(where: \.isNewline) ? String(text.map { $0.isNewline ? "⏎" : $0 }) : text
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Columns.width(of: text)))
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard Columns.width(of: text) > width else { return text }
        var kept = ""
        var used = 0
        for character in text {
            used += Columns.width(of: String(character))
            if used >= width { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
