import Foundation
import RecordFormats

extension Manifest {
    /// Reads and checks `adapter.json5` of a folder.
    ///
    /// Throws `configuration` with file, line and column of the first mistake.
    package static func read(folder: String) throws(AdapterError) -> Manifest {
        let path = folder + "/adapter.json5"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw AdapterError(.configuration, "There is no manifest here, or it cannot be read.", file: path)
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw AdapterError(.configuration, "The manifest is not UTF-8.", file: path)
        }
        return try parse(text, file: path, folder: folder)
    }

    /// Checks a manifest's text. `folder` is where its relative paths begin.
    package static func parse(_ text: String, file: String, folder: String) throws(AdapterError) -> Manifest {
        let located: LocatedValue
        do throws(FormatError) {
            located = try JSON5Parser.parse(text, file: file)
        } catch {
            throw AdapterError(.configuration, error.what, file: file, line: error.line, column: error.column, hint: error.advice)
        }
        let object = try ManifestObject(located, "the adapter", file: file, known: keys)
        let name = try object.requiredString("adapter")
        guard name.isAdapterName else {
            throw object.fault(
                "The adapter's name must be lower-case letters, digits and hyphens, beginning with a letter.", at: try object.required("adapter"))
        }
        let shared: Input? = if let input = object["input"] { try InputParsing(file: file).input(input) } else { nil }
        let list = try object.required("streams")
        guard case .array(let items) = list.node, !items.isEmpty else {
            throw object.fault("\"streams\" of the adapter must be a list with at least one stream.", at: list)
        }
        var streams: [Stream] = []
        for item in items {
            let stream = try StreamParsing.stream(item, file: file, shared: shared)
            guard !streams.contains(where: { $0.name == stream.name }) else {
                throw object.fault("Two streams are called \"\(stream.name)\".", at: item)
            }
            for other in streams {
                if case .singer(let a) = other.input, case .singer(let b) = stream.input, a.cursor == b.cursor, a.line != b.line {
                    throw object.fault("An adapter with several taps needs a \"name\" in each singer input: it tells their states apart.", at: item)
                }
            }
            streams.append(stream)
        }
        let schedule: Schedule? = if let value = object["schedule"] { try Schedule.parse(value, file: file) } else { nil }
        for stream in streams {
            switch (schedule, stream.input) {
            case (.some, .piped):
                throw object.fault("An adapter that reads standard input has no \"schedule\": somebody has to pipe into it.", at: try object.required("schedule"))
            case (.onArrival, .postgres), (.onArrival, .command), (.onArrival, .singer):
                throw object.fault("\"on_arrival\" goes with inputs of kind file.", at: try object.required("schedule"), hint: "Use \"every\" or \"cron\".")
            default: break
            }
        }
        let purpose = try object.string("purpose")
        let basis = try object.string("legal_basis")
        return Manifest(
            name: name, version: try object.requiredString("version"), title: try object.string("title"),
            department: try object.requiredString("department"), source: try object.requiredString("source"),
            owner: try object.string("owner"), licence: try object.string("licence"),
            purpose: [purpose, basis].compactMap { $0 }.joined(separator: "; ").nonEmpty, streams: streams, schedule: schedule,
            folder: folder, file: file)
    }

    private static let keys = [
        "adapter", "version", "title", "description", "department", "source", "owner", "licence", "purpose", "legal_basis", "input", "streams",
        "schedule",
    ]
}

extension String {
    /// `osm-buildings`: what a folder, an environment variable and an entity id can carry.
    var isAdapterName: Bool {
        guard let first = utf8.first, (97...122).contains(first), utf8.count <= 60 else { return false }
        return utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }

    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}
