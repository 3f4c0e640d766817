import Foundation
import RecordFormats
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Starts a Singer tap: with a private copy of its configuration, a catalog in which the manifest's streams are selected, and its last STATE.
struct TapStart {
    let tap: Input.Tap
    let streams: [Stream]
    let folder: String
    let context: InputContext

    /// A tap that runs.
    struct Running {
        let output: ProgramBytes
        /// Under which names the tap may send each stream of the manifest.
        let names: [String: Set<String>]
    }

    /// What batches, quarantine and errors call it.
    var name: String { tap.program.words.first.map { String($0.split(separator: "/").last ?? "") } ?? "" }

    /// - Parameters:
    ///   - state: its STATE; nil from the beginning.
    ///   - forgotten: streams of the manifest that are to begin anew.
    ///   - metric: gets lines of standard error; those for which it answers true are not logged.
    func open(state: String?, forgotten: [Stream] = [], metric: @escaping (String) -> Bool = { _ in false }) throws -> Running {
        var names = Dictionary(uniqueKeysWithValues: streams.map { ($0.name, Set([$0.tap?.name ?? $0.name])) })
        var catalog = try catalog()
        if catalog != nil, let selected = try catalog?.select(streams) { names.merge(selected) { $0.union($1) } }
        let scratch = try TapFolder()
        var arguments = ["--config", try scratch.write("config.json", try config().bytes)]
        if let catalog { arguments += ["--catalog", try scratch.write("catalog.json", catalog.text)] }
        if let state {
            let anew = Set(forgotten.flatMap { names[$0.name] ?? [] })
            arguments += ["--state", try scratch.write("state.json", Array(TapState.without(anew, in: state).utf8))]
        }
        return Running(output: try start(arguments, scratch, metric), names: names)
    }

    /// What the tap could send, nothing selected; nil where it has no catalog.
    func catalog() throws -> TapCatalog? {
        switch tap.catalog {
        case .none: return nil
        case .discovered: return try discover()
        case .file(let path):
            let whole = path.hasPrefix("/") ? path : folder + "/" + path
            guard let data = FileManager.default.contents(atPath: whole) else {
                throw AdapterError(.configuration, "The tap's catalog cannot be read.", file: whole)
            }
            return try TapCatalog(Array(data), of: whole)
        }
    }

    private func discover() throws -> TapCatalog {
        let scratch = try TapFolder()
        let output = try start(["--config", try scratch.write("config.json", try config().bytes), "--discover"], scratch) { _ in false }
        var bytes: [UInt8] = []
        while true {
            let piece = try output.read(upTo: 1 << 16)
            if piece.isEmpty { break }
            bytes += piece
            guard bytes.count <= 256 << 20 else { throw AdapterError(.data, "The catalog is larger than 256 MiB.", file: name) }
        }
        return try TapCatalog(bytes, of: name)
    }

    private func config() throws(AdapterError) -> (bytes: [UInt8], secrets: [String]) {
        var secrets: [String] = []
        let value = try tap.config.resolved(environment: context.environment, folder: folder, secrets: &secrets)
        return (JSONWriter.encode(value), secrets)
    }

    private func start(_ arguments: [String], _ scratch: TapFolder, _ metric: @escaping (String) -> Bool) throws -> ProgramBytes {
        let start = ProgramStart(tap.program, folder: folder)
        let log = context.log
        let name = name
        return try start.open(
            in: context, arguments: arguments, scratchFolder: scratch.keep(), secrets: try config().secrets,
            standardError: { if !metric($0) { log("\(name): \($0)") } })
    }
}

/// A folder that only we can enter, for a tap's configuration, catalog and state.
final class TapFolder {
    private let path: String
    private var isKept = false

    init() throws(AdapterError) {
        let parent = NSTemporaryDirectory()
        var name = Array("\(parent.hasSuffix("/") ? parent : parent + "/")twinhub-tap-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            throw AdapterError(.transient, "No folder can be made for the tap's configuration: \(String(cString: strerror(errno))).", file: parent)
        }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { if !isKept { try? FileManager.default.removeItem(atPath: path) } }

    /// Leaves the folder's end to the process that it is for.
    func keep() -> String {
        isKept = true
        return path
    }

    /// Writes a file that only we can read; returns its path.
    func write(_ name: String, _ bytes: [UInt8]) throws(AdapterError) -> String {
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        guard descriptor >= 0, writeAll(bytes, to: descriptor) else {
            throw AdapterError(.transient, "A file for the tap cannot be written: \(String(cString: strerror(errno))).", file: file)
        }
        return file
    }
}
