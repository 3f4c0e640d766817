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
    let name: String
    let size: Int
    /// SHA-256 of its content.
    let digest: [UInt8]
    /// Nanoseconds since 1970: a change while it is read is noticed.
    let modified_ns: Int64
}

/// Files found by patterns, in the order of their names.
struct FileInput: RecordInput {
    let files: [FoundFile]
    let format: Format
    let encoding: String?
    /// Outcomes (records and refusals) of a file that were read before and are passed over.
    var passedOver: [String: Int] = [:]

    var title: String { files.count == 1 ? files[0].name : "\(files.count) files: \(files.first?.name ?? "none") …" }
    var hasFixedColumns: Bool { if case .csv = format { true } else { false } }
    var hasKinds: Bool { if case .csv = format { false } else { true } }
    var hasOwnColumns: Bool { if case .inp = format { false } else { true } }
    var rawTellsAll: Bool {
        switch format {
        case .csv, .ndjson, .geojson, .singer: true
        // The name of a member stands outside of it.
        case .json(let records): !records.hasSuffix("/*")
        // Coordinates and units stand in other sections.
        case .inp: false
        }
    }

    var digest: [UInt8]? {
        guard files.count != 1 else { return files[0].digest }
        guard !files.isEmpty, let hasher = try? ContentHasher() else { return nil }
        hasher.begin()
        for file in files {
            hasher.addCounted(file.name)
            hasher.add(file.digest)
        }
        return hasher.finishBytes()
    }

    func forEach(unless isKnown: ((RecordShape, UnsafeRawBufferPointer) -> Bool)?, _ body: (ReadOutcome?, InputPlace) throws -> Void) throws {
        for (index, file) in files.enumerated() {
            do {
                try read(file, InputPlace(name: file.name, index: index), unless: isKnown, body)
            } catch let error as FormatError {
                throw error.inAdapter(file: file.path)
            }
            guard try FileSearch.stamp(file.path) == (file.size, file.modified_ns) else {
                throw AdapterError(
                    .transient, "The file changed while it was read.", file: file.path,
                    hint: "Deliver files under another name and rename them when they are complete.")
            }
        }
    }

    private func read(
        _ file: FoundFile, _ place: InputPlace, unless isKnown: ((RecordShape, UnsafeRawBufferPointer) -> Bool)?,
        _ body: (ReadOutcome?, InputPlace) throws -> Void
    ) throws {
        var source: any ByteSource = try FileBytes(path: file.path)
        if let encoding { source = try TranscodedBytes(source, encoding: encoding) }
        var reader = try makeReader(format, source)
        if let isKnown, hasFixedColumns {
            while let step = try reader.next(unless: isKnown) {
                if case .outcome(let outcome) = step { try body(outcome, place) } else { try body(nil, place) }
            }
            return
        }
        var passOver = passedOver[file.name] ?? 0
        while let outcome = try reader.next() {
            if passOver > 0 { passOver -= 1 } else { try body(outcome, place) }
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

    /// A file's size and time of change.
    static func stamp(_ path: String) throws(AdapterError) -> (size: Int, modified_ns: Int64) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw AdapterError(.transient, "The file is gone.", file: path) }
        #if canImport(Glibc)
        let time = status.st_mtim
        #else
        let time = status.st_mtimespec
        #endif
        return (Int(status.st_size), Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Reads a file through for its digest. `prefix` limits the bytes that count.
    static func examine(_ path: String, folder: String, prefix: Int? = nil) throws(AdapterError) -> FoundFile {
        let before = try stamp(path)
        let hasher = try ContentHasher()
        hasher.begin()
        do throws(FormatError) {
            let bytes = try FileBytes(path: path)
            var rest = prefix ?? .max
            while rest > 0 {
                let piece = try bytes.read(upTo: min(1 << 20, rest))
                if piece.isEmpty { break }
                rest -= piece.count
                hasher.add(piece)
            }
        } catch {
            throw error.inAdapter(file: path)
        }
        let root = folder + "/"
        let name = path.hasPrefix(root) ? String(path.dropFirst(root.count)) : path
        return FoundFile(path: path, name: name, size: before.size, digest: hasher.finishBytes(), modified_ns: before.modified_ns)
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
