import Foundation
import PrivateServer
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A consumer's process, started again under the same name; its lines go to the end of one file, also those of its group.
final class StreamProcess {
    let name: String
    private let words: [String]
    private let clone: HubClone
    private let keepsPlace: Bool
    private let file: String
    private var process: ChildProcess?
    private var errorFiles: [String] = []

    /// - Parameter keepsPlace: it reads on after the last whole line of its own file.
    init(_ name: String, _ words: [String], in clone: HubClone, keepsPlace: Bool = false) {
        (self.name, self.words, self.clone, self.keepsPlace) = (name, words, clone, keepsPlace)
        file = "\(clone.folder)/\(name).ndjson"
    }

    var output: String { HubClone.text(file) }
    var errors: String { errorFiles.map { HubClone.text($0) }.joined() }

    /// The position of the last whole line; nil where the hub keeps the place.
    var place: Int64? {
        guard keepsPlace else { return nil }
        return lastID.flatMap { $0.split(separator: "-").last.flatMap { Int64($0) } } ?? 0
    }

    /// The last lines: of a long file it would take too long to read all of it again and again.
    private var tail: String {
        guard let handle = FileHandle(forReadingAtPath: file), let size = try? handle.seekToEnd() else { return "" }
        defer { try? handle.close() }
        try? handle.seek(toOffset: size > (1 << 16) ? size - (1 << 16) : 0)
        return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
    }

    private var lastID: String? {
        let lines = tail.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard let line = lines.last(where: { $0.hasPrefix("{\"specversion\"") }), let start = line.firstRange(of: "\"id\":\"") else { return nil }
        return String(line[start.upperBound...].prefix { $0 != "\"" })
    }

    func start() throws {
        var words = words
        if keepsPlace {
            // What a kill cut off is written anew.
            let text = output
            if let end = text.lastIndex(of: "\n"), text.index(after: end) < text.endIndex {
                try String(text[...end]).write(toFile: file, atomically: true, encoding: .utf8)
            }
            if let lastID { words += ["--from", lastID] }
        }
        let started = try clone.start(words, output: file)
        process = started.process
        errorFiles.append(started.errors)
    }

    func restartWhereEnded() throws {
        if process == nil || process?.pollStatus() != nil { try start() }
    }

    func end(_ signal: Int32) {
        guard let process, process.pollStatus() == nil else { return }
        process.send(signal: signal)
        process.wait()
    }
}
