import RecordFormats
import Subprocess

/// Opens the inputs of a run's streams. What a source delivers once only (a program's output, standard input) is read once, for all
/// streams that share it.
final class RunInputs {
    private let manifest: Manifest
    private let context: InputContext
    /// What alone is read.
    private let range: CursorRange?
    private var spools: [String: SpoolFile] = [:]
    private var tapNames: [String: Set<String>] = [:]
    /// Hold the bodies that are read.
    private var pulls: [HTTPPull] = []

    /// How many outputs an append stream remembers: one of these that comes again says nothing new.
    private static let outputs = 100

    init(_ manifest: Manifest, _ context: InputContext, range: CursorRange? = nil) {
        self.manifest = manifest
        self.context = context
        self.range = range
    }

    /// The records of a stream, as they are to be read after `state`; with the ledger of what is read, in mode append. Of a tap: all that
    /// it sends from the beginning; `TapRun` is how a run reads it.
    func open(_ stream: Stream, after state: StreamState) throws -> (input: any RecordInput, ledger: FileLedger?) {
        let place = InputPlaces(manifest, environment: context.environment)
        switch stream.input {
        case .files(let files): return try open(stream, files, place, state)
        case .postgres(let table):
            let start = stream.cursor.map { cursor in range.map { TableInput.Start($0) } ?? TableInput.Start(cursor, after: state, group: stream.group) }
            return (try TableInput(table, start: start, in: context, folder: manifest.folder), nil)
        case .command(let command):
            let start = ProgramStart(command.program, places(of: stream, after: state, start: command.start), folder: manifest.folder)
            let spool = try spool(start.words.joined(separator: "\0") + "\0\(command.program.environment.keys.sorted())") { () throws in
                try start.open(in: context)
            }
            return try open(stream, try found(spool, as: start.name, stream, state), command.format, command.encoding, state, remembers: Self.outputs)
        case .http(let http): return try pages(http, stream, state)
        case .piped(let piped):
            let spool = try spool("") { () throws in try StandardInput(context) }
            return try open(stream, try found(spool, as: "stdin", stream, state), piped.format, piped.encoding, state, remembers: Self.outputs)
        case .singer(let tap):
            let start = TapStart(tap: tap, streams: manifest.streams(of: tap), folder: manifest.folder, context: context)
            let spool = try spool(tap.cursor) { () throws in
                let running = try start.open(state: nil)
                tapNames.merge(running.names) { $1 }
                return running.output
            }
            let format = Format.singer(streams: tapNames[stream.name] ?? [])
            return (FileInput(files: [try spool.found(as: start.name)], format: format, encoding: nil), nil)
        }
    }

    private func places(of stream: Stream, after state: StreamState, start: String) -> Placeholders {
        range?.placeholders
            ?? Placeholders(cursor: stream.cursor.flatMap { Bookmark.start($0, bookmark: state.bookmark, group: stream.group) } ?? start)
    }

    private func open(
        _ stream: Stream, _ found: [FoundFile], _ format: Format, _ encoding: String?, _ state: StreamState, remembers most: Int? = nil
    ) throws(AdapterError) -> (input: any RecordInput, ledger: FileLedger?) {
        guard stream.mode == .append else { return (FileInput(files: found, format: format, encoding: encoding, context: context), nil) }
        let ledger = try FileLedger(found, state: state, format: format, folder: manifest.folder, most: most)
        var input = FileInput(files: ledger.files, format: format, encoding: encoding, context: context)
        input.parts = ledger.parts
        return (input, ledger)
    }

    private func open(
        _ stream: Stream, _ files: Input.Files, _ place: InputPlaces, _ state: StreamState
    ) throws -> (input: any RecordInput, ledger: FileLedger?) {
        let settling = Settling(settle_s: files.settle_s, context: context)
        var paths = try place.paths(files)
        guard stream.mode == .append else {
            paths = try settling.settled(paths, waits: true)
            return (try place.open(paths, files, in: context), nil)
        }
        // Of files that grow by lines whole lines are read, whoever is writing.
        if !files.format.isLines { paths = try settling.settled(paths, waits: false) }
        let ledger = try FileLedger(paths, of: files, state: state, folder: place.folder, settling: settling)
        var input = FileInput(files: ledger.files, format: files.format, encoding: files.encoding, context: context)
        input.parts = ledger.parts
        return (input, ledger)
    }

    private func pages(_ http: Input.HTTP, _ stream: Stream, _ state: StreamState) throws -> (input: any RecordInput, ledger: FileLedger?) {
        let places = places(of: stream, after: state, start: http.start)
        switch try HTTPPull.fetch(http, places, mark: state.http, in: context, folder: manifest.folder) {
        case .unchanged(let name):
            var input = FileInput(files: [], format: http.format, encoding: http.encoding)
            input.httpMark = state.http
            input.unchanged = (name, stream.mode == .append ? nil : state.input.flatMap(Self.bytes))
            guard stream.mode == .append else { return (input, nil) }
            return (input, try FileLedger([], state: state, format: http.format, folder: manifest.folder, most: Self.outputs))
        case .pages(let pull):
            pulls.append(pull)
            if pull.isEmpty, stream.mode == .snapshot, state.records > 0, !context.acceptsRemovals {
                throw AdapterError(
                    .data, "The source delivered no record; at the last pull it had \(state.records).", file: pull.pages.first?.name,
                    hint: "If it is empty now, run with --accept-removals.")
            }
            var files = try pull.files()
            if stream.mode == .append, let file = files.first { files = [try named(file, state)] }
            var (input, ledger) = try open(stream, files, http.format, http.encoding, state, remembers: Self.outputs)
            if var own = input as? FileInput {
                own.httpMark = pull.mark
                input = own
            }
            return (input, ledger)
        }
    }

    private static func bytes(hexadecimal text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16) }
        return bytes.count == 32 && digits.count == 64 ? bytes : nil
    }

    private func spool(_ key: String, _ open: () throws -> any ByteSource) throws -> SpoolFile {
        if let spool = spools[key] { return spool }
        do {
            let spool = try SpoolFile(try open())
            spools[key] = spool
            return spool
        } catch {
            if context.isCancelled() { throw RunCancelled() }
            guard let fault = error as? FormatError else { throw error }
            throw fault.inAdapter()
        }
    }

    /// A spool as a file of its stream. In mode append each content is a file of its own, named by its digest; one that begins with the whole
    /// of the one before is the same, grown.
    private func found(_ spool: SpoolFile, as name: String, _ stream: Stream, _ state: StreamState) throws(AdapterError) -> [FoundFile] {
        let file = try spool.found(as: name)
        return [stream.mode == .append ? try named(file, state) : file]
    }

    private func named(_ file: FoundFile, _ state: StreamState) throws(AdapterError) -> FoundFile {
        var file = file
        let digest = file.digest.hexadecimal
        file.name += " \(digest.prefix(12))"
        if let last = state.files.last, last.size < file.size,
            try FileSearch.examine(file.path, folder: "", to: last.size).digest.hexadecimal == last.digest {
            file.name = last.name
        } else if let last = state.files.last, !last.complete, last.digest != digest {
            context.log("\(last.name) was read to record \(last.outcomes) only, and something else is delivered now: its rest has not been read.")
        }
        return file
    }
}

/// A program of an input, ready to start.
struct ProgramStart {
    let words: [String]
    private let program: Input.Program
    private let places: Placeholders
    private let folder: String

    /// - Parameter places: what the placeholders in the arguments stand for.
    init(_ program: Input.Program, _ places: Placeholders = Placeholders(), folder: String) {
        self.program = program
        self.places = places
        self.folder = folder
        words = program.words.map { places.fill($0) }
    }

    /// What batches and quarantine call it.
    var name: String { words.first.map { String($0.split(separator: "/").last ?? "") } ?? "" }

    /// - Parameters:
    ///   - arguments: more of them.
    ///   - secrets: more of them, beside those of the environment.
    func open(
        in context: InputContext, arguments: [String] = [], scratchFolder: String? = nil, secrets: [String] = [],
        standardError: ((String) -> Void)? = nil
    ) throws -> ProgramBytes {
        var secrets = secrets
        var own = ["TWINHUB_CURSOR": places.cursor]
        if !places.until.isEmpty { own["TWINHUB_UNTIL"] = places.until }
        for (name, setting) in program.environment {
            switch setting {
            case .text(let text): own[name] = text
            case .secret(let secret):
                let value = try secret.value("the value of \(name) for the program", environment: context.environment, folder: folder)
                own[name] = value
                secrets.append(value)
            }
        }
        var process = PipedProcess.Program(words + arguments, environment: ProgramBytes.environment(of: context, adding: own), folder: folder)
        process.timeout_s = program.timeout_s.map(Double.init)
        process.scratchFolder = scratchFolder
        return try ProgramBytes(process, in: context, secrets: SecretBlotter(secrets), standardError: standardError)
    }
}
