import Foundation
import RecordFormats

extension AdapterCheck {
    private struct Enough: Error {}

    /// Whether secrets are there, and each stream's source answers: files open, a table gives a row, a server its first page. Programs and taps
    /// are looked for and not run; standard input is left alone. Nothing is written.
    package static func source(_ manifest: Manifest, environment: [String: String] = ProcessInfo.processInfo.environment) -> [Finding] {
        var seen: Set<String> = []
        return manifest.streams.compactMap { stream in
            do {
                try reach(stream, manifest, environment)
                return nil
            } catch {
                let text = "the source cannot be read. \(error)"
                guard seen.insert(text).inserted else { return nil }
                return Finding(severity: .error, message: "Stream \"\(stream.name)\": \(text)", file: manifest.file, line: stream.line)
            }
        }
    }

    private static func reach(_ stream: Stream, _ manifest: Manifest, _ environment: [String: String]) throws {
        var context = InputContext(environment: environment)
        context.log = { _ in }
        switch stream.input {
        case .files(let files):
            for path in try InputPlaces(manifest, environment: environment).paths(files) {
                do throws(FormatError) { _ = try FileBytes(path: path).read(upTo: 1) } catch { throw error.inAdapter(file: path) }
            }
        case .postgres:
            do {
                try RunInputs(manifest, context).open(stream, after: StreamState()).input.forEach { _, _ in throw Enough() }
            } catch is Enough {}
        case .http(var http):
            http.pages = nil
            http.expectTotal = nil
            http.attempts = 1
            _ = try HTTPPull.fetch(http, Placeholders(cursor: http.start), mark: nil, in: context, folder: manifest.folder)
        case .command(let command): try find(command.program, manifest, environment)
        case .singer(let tap):
            var secrets: [String] = []
            _ = try tap.config.resolved(environment: environment, folder: manifest.folder, secrets: &secrets)
            try find(tap.program, manifest, environment)
        case .piped: break
        }
    }

    private static func find(_ program: Input.Program, _ manifest: Manifest, _ environment: [String: String]) throws {
        for (name, setting) in program.environment {
            if case .secret(let secret) = setting { _ = try secret.value("the value of \(name) for the program", environment: environment, folder: manifest.folder) }
        }
        let name = program.words.first ?? ""
        let places = name.contains("/") ? [""] : (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { $0 + "/" }
        let paths = places.map { URL(fileURLWithPath: $0 + name, relativeTo: URL(fileURLWithPath: manifest.folder, isDirectory: true)).path }
        guard paths.contains(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw AdapterError(.configuration, "There is no program \"\(name)\" that can be run.", file: manifest.folder, hint: "Install it, or correct \"run\" of the input.")
        }
    }
}
