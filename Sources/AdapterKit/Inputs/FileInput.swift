import Foundation
import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file as it was found: what it is called, what is in it.
struct FoundFile: Sendable, Hashable {
    /// Where it is.
    let path: String
    /// What batches and quarantine call it: relative to the adapter's folder where it lies below.
    var name: String
    /// In bytes.
    var size: Int
    /// SHA-256 of its content, or of the part that is read; empty where nobody has looked into it yet.
    let digest: [UInt8]
    /// Nanoseconds since 1970: a change while it is read is noticed.
    let modified_ns: Int64
    /// Lines in the part that is read.
    var lines = 0
    /// The bytes that count, where a file holds several inputs; messages then speak of `name`.
    var part: Range<Int>?
}

/// What the system says of a file.
struct FileStamp: Sendable, Hashable {
    /// In bytes.
    var size: Int
    /// Nanoseconds since 1970.
    var modified_ns: Int64
    /// Its number in the file system, which it keeps under another name.
    var inode: UInt64
}

/// Files found by patterns, in the order of their names.
struct FileInput: RecordInput {
    let files: [FoundFile]
    let format: Format
    let encoding: String?
    /// Of files that are not read from their beginning, by name.
    var parts: [String: FilePart] = [:]
    /// For the programs that unpack.
    var context = InputContext()
    /// Works out the digest of all files, where those have none.
    var hashing: DigestAhead?

    /// What the source said of the version that it delivered.
    var httpMark: StreamState.HTTPMark?
    /// Where the source says that nothing has changed: what it is called, and the digest of what it delivered then.
    var unchanged: (title: String, digest: [UInt8]?)?

    var title: String { unchanged?.title ?? ownTitle }
    private var ownTitle: String { files.count == 1 ? files[0].name : "\(files.count) files: \(files.first?.name ?? "none") …" }
    var hasFixedColumns: Bool {
        switch format {
        case .csv, .xlsx: true
        case .ndjson, .json, .geojson, .inp, .singer, .xml: false
        }
    }
    var hasKinds: Bool { if case .csv = format { false } else { true } }
    var hasOwnColumns: Bool { if case .inp = format { false } else { true } }
    var rawTellsAll: Bool {
        switch format {
        case .csv, .ndjson, .geojson, .singer, .xml, .xlsx: true
        // The name of a member stands outside of it.
        case .json(let records): !records.hasSuffix("/*")
        // Coordinates and units stand in other sections.
        case .inp: false
        }
    }

    var digest: [UInt8]? {
        if let digest = unchanged?.digest { return digest }
        // Whoever reads to the end hears why there is none.
        if let hashing { return try? hashing.digest() }
        return files.isEmpty ? nil : try? Self.digest(of: files)
    }

    var isDigestKnown: Bool { hashing?.isKnown ?? true }
    var isDigestNear: Bool { isDigestKnown || files.reduce(0) { $0 + $1.size } < 8 << 20 }

    /// Of one file its own, else that of all names and digests.
    static func digest(of files: [FoundFile]) throws(AdapterError) -> [UInt8] {
        if files.count == 1 { return files[0].digest }
        let hasher = try ContentHasher()
        hasher.begin()
        for file in files {
            hasher.addCounted(file.name)
            hasher.add(file.digest)
        }
        return hasher.finishBytes()
    }

    var decodesRows: Bool {
        switch format {
        case .csv, .ndjson, .json: rawTellsAll
        case .geojson, .inp, .singer, .xml, .xlsx: false
        }
    }

    func decode(_ raw: [UInt8], _ shape: RecordShape?, line: Int) throws -> ReadOutcome {
        // Of a row that names its own columns and cannot be read nobody knows which it has.
        let common = hasFixedColumns ? shape : nil
        do throws(FormatError) {
            guard let outcomes = try RawRecord.read(raw, columns: shape?.names, format), outcomes.count == 1 else {
                return .refused(Refusal(line: line, raw: raw, rule: Rule.syntax, message: "The row does not read as one record by itself.", shape: common))
            }
            switch outcomes[0] {
            case .record(let record): return .record(Record(shape: shape ?? record.shape, values: record.values, line: line, raw: raw))
            case .refused(let refusal): return .refused(Refusal(line: line, raw: raw, rule: refusal.rule, message: refusal.message, shape: common))
            }
        } catch {
            throw error.inAdapter(file: title)
        }
    }

    func forEach(unless isTaken: RowQuestion?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
        for (index, file) in files.enumerated() {
            do {
                try read(file, InputPlace(name: file.name, index: index), unless: isTaken, body)
            } catch let error as FormatError {
                if context.isCancelled() { throw RunCancelled() }
                throw error.inAdapter(file: file.part == nil ? file.path : file.name)
            }
            try requireUnchanged(file)
        }
        guard let hashing, hashing.isStarted else { return }
        _ = try hashing.digest()
        // What was hashed is what was read.
        try files.forEach(requireUnchanged)
    }

    private func requireUnchanged(_ file: FoundFile) throws(AdapterError) {
        let stamp = try FileSearch.stamp(file.path)
        let end = parts[file.name]?.end
        // Of a file that grows a part is read that does not change any more.
        guard end.map({ stamp.size >= $0 }) ?? (stamp.size == file.size && stamp.modified_ns == file.modified_ns) else {
            throw AdapterError(
                .transient, "The file changed while it was read.", file: file.path,
                hint: "Deliver files under another name and rename them when they are complete.")
        }
    }

    private func read(
        _ file: FoundFile, _ place: InputPlace, unless isTaken: RowQuestion?,
        _ body: (ReadOutcome?, InputPlace) throws -> Void
    ) throws {
        var reader = try reader(file)
        if let isTaken, parts[file.name] == nil {
            while let step = try reader.next(unless: isTaken) {
                if case .outcome(let outcome) = step { try body(outcome, place) } else { try body(nil, place) }
            }
            return
        }
        let part = parts[file.name]
        var passOver = part?.passedOver ?? 0
        let lines = part?.lines ?? 0
        while let outcome = try reader.next() {
            if passOver > 0 { passOver -= 1 } else { try body(lines == 0 ? outcome : outcome.moved(by: lines), place) }
        }
    }
}

extension FileInput {
    private func reader(_ file: FoundFile) throws(FormatError) -> any RecordReader {
        if case .xlsx(let options) = format {
            return WorkbookReader(options) { part throws(FormatError) in try WorkbookPart(part, of: file.path, context) }
        }
        if let part = parts[file.name], let end = part.end {
            return try reader(of: try FileBytes(path: file.path, from: part.offset, to: end), part.offset == 0 ? format : try headless(file))
        }
        if let part = file.part, part.count < file.size {
            return try reader(of: try FileBytes(path: file.path, from: part.lowerBound, to: part.upperBound), format)
        }
        return try reader(of: try PackedBytes.open(file.path, context), format)
    }

    private func reader(of source: any ByteSource, _ format: Format) throws(FormatError) -> any RecordReader {
        guard let encoding else { return try makeReader(format, source) }
        return try makeReader(format, try TranscodedBytes(source, encoding: encoding))
    }

    /// The format of a file's later rows, with the columns that its beginning names.
    private func headless(_ file: FoundFile) throws(FormatError) -> Format {
        guard case .csv(var options) = format else { return format }
        var reader = try makeReader(format, try FileBytes(path: file.path))
        _ = try reader.next()
        options.header = .names(reader.columns ?? [])
        options.skippedLines = 0
        return .csv(options)
    }
}

extension ReadOutcome {
    /// The same, so many lines further down.
    fileprivate func moved(by lines: Int) -> ReadOutcome {
        switch self {
        case .record(let record): .record(Record(shape: record.shape, values: record.values, line: record.line + lines, raw: record.raw))
        case .refused(let refusal):
            .refused(
                Refusal(
                    line: refusal.line + lines, raw: refusal.raw, byteCount: refusal.byteCount, rule: refusal.rule, message: refusal.message,
                    shape: refusal.shape))
        }
    }
}

/// Finds the files of patterns.
enum FileSearch {
    /// - Parameters:
    ///   - folder: where relative patterns begin.
    ///   - override: takes the place of the folder part of every pattern, where given.
    /// - Returns: paths, sorted, each once.
    static func paths(_ patterns: [String], folder: String, override: String?) throws(AdapterError) -> [String] {
        var found: Set<String> = []
        for pattern in patterns {
            let last = pattern.split(separator: "/").last.map(String.init) ?? pattern
            let whole = override.map { $0 + "/" + last } ?? (pattern.hasPrefix("/") ? pattern : folder + "/" + pattern)
            found.formUnion(try expand(whole))
        }
        return found.sorted()
    }

    /// A file's size, time of change and number. Throws `transient` where it is gone.
    static func stamp(_ path: String) throws(AdapterError) -> FileStamp {
        var status = stat()
        guard stat(path, &status) == 0 else { throw AdapterError(.transient, "The file is gone.", file: path) }
        #if canImport(Glibc)
        let time = status.st_mtim
        #else
        let time = status.st_mtimespec
        #endif
        return FileStamp(
            size: Int(status.st_size), modified_ns: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec), inode: UInt64(status.st_ino))
    }

    /// A file without a look into it.
    static func look(_ path: String, folder: String) throws(AdapterError) -> FoundFile {
        let stamp = try stamp(path)
        return FoundFile(path: path, name: name(path, folder: folder), size: stamp.size, digest: [], modified_ns: stamp.modified_ns)
    }

    /// What batches and quarantine call a file.
    static func name(_ path: String, folder: String) -> String { path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path }

    /// Reads a file through for its digest. `end` limits the bytes that count.
    static func examine(_ path: String, folder: String, to end: Int? = nil, isCancelled: () -> Bool = { false }) throws(AdapterError) -> FoundFile {
        try examine(path, name: name(path, folder: folder), from: 0, to: end, isCancelled: isCancelled)
    }

    /// Reads a part of a file through, for its digest and its lines: LF, CR LF or a lone CR ends one.
    static func examine(
        _ path: String, name: String, from offset: Int, to end: Int?, isCancelled: () -> Bool = { false }
    ) throws(AdapterError) -> FoundFile {
        let before = try stamp(path)
        let hasher = try ContentHasher()
        hasher.begin()
        var lines = 0
        var last: UInt8 = 0
        do throws(FormatError) {
            let bytes = try FileBytes(path: path, from: offset, to: end)
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
            defer { memory.deallocate() }
            while true {
                let piece = UnsafeRawBufferPointer(rebasing: memory[..<(try bytes.read(into: memory))])
                if piece.isEmpty || isCancelled() { break }
                hasher.add(piece)
                if end == nil { continue }
                for byte in piece {
                    lines &+= byte == 0x0D || (byte == 0x0A && last != 0x0D) ? 1 : 0
                    last = byte
                }
            }
        } catch {
            throw error.inAdapter(file: path)
        }
        return FoundFile(
            path: path, name: name, size: before.size, digest: hasher.finishBytes(), modified_ns: before.modified_ns, lines: lines)
    }

    private static func expand(_ pattern: String) throws(AdapterError) -> [String] {
        var matches = glob_t()
        defer { globfree(&matches) }
        switch glob(pattern, GLOB_ERR, nil, &matches) {
        case 0: break
        case GLOB_NOMATCH: return []
        default: throw AdapterError(.configuration, "A folder of the pattern cannot be read.", file: pattern, hint: "Check the rights on it.")
        }
        return (0..<Int(matches.gl_pathc)).compactMap { matches.gl_pathv[$0].map { String(cString: $0) } }
    }
}
