import RecordFormats

/// Which files of an append stream are read, from where on, and what is remembered of them.
struct FileLedger {
    /// One file to read.
    private struct Entry {
        let file: FoundFile
        let part: FilePart
        /// What is kept of it once it is read whole.
        let mark: StreamState.FileMark
    }

    private var entries: [Entry] = []
    private let most: Int?
    /// New names of files that were known under other ones.
    private var renamed: [String: String] = [:]
    /// What is unusual about the files: a sentence each.
    private(set) var warnings: [String] = []

    /// Files to read, those that only grew included.
    var files: [FoundFile] { entries.map(\.file) }
    /// Which part of each is read, by name.
    var parts: [String: FilePart] { Dictionary(entries.map { ($0.file.name, $0.part) }) { first, _ in first } }

    /// The ledger of contents that are at hand anew each time, each with its digest.
    ///
    /// Throws `data` where one that was read before was rewritten: its rows would be told twice.
    /// - Parameter most: how many of them are remembered; nil for all.
    init(_ found: [FoundFile], state: StreamState, format: Format, folder: String, most: Int? = nil) throws(AdapterError) {
        self.most = most
        for file in found {
            let digest = file.digest.hexadecimal
            if state.files.contains(where: { $0.complete && $0.digest == digest }) { continue }
            let known = state.files.first { $0.name == file.name }
            if let known, known.digest != digest {
                guard format.isLines, file.size > known.size,
                    try FileSearch.examine(file.path, folder: folder, to: known.size).digest.hexadecimal == known.digest
                else { throw Self.rewritten(file.path) }
                try Self.requireLineEnd(file.path, at: known.size)
            }
            let mark = StreamState.FileMark(name: file.name, size: file.size, digest: digest, outcomes: 0, complete: true)
            entries.append(Entry(file: file, part: FilePart(passedOver: known?.outcomes ?? 0), mark: mark))
        }
    }

    /// The ledger of files. A file that was read and is as it was is not opened; of one that grew only what is new is read, one that got
    /// another name is known again.
    ///
    /// Throws `data` where one that was read before was rewritten, unless the manifest says that it is read anew then.
    init(_ paths: [String], of files: Input.Files, state: StreamState, folder: String, settling: Settling) throws {
        most = nil
        let looks = try paths.map { path in try FileLook(path, folder: folder, format: files.format, encoding: files.encoding) }
        var moved: [String: StreamState.FileMark] = [:]
        for look in looks {
            let mark = state.files.first { mark in
                mark.inode != 0 && mark.inode == look.stamp.inode && !looks.contains { $0.name == mark.name && $0.stamp.inode == mark.inode }
            }
            guard let mark, try look.begins(with: mark) else { continue }
            moved[look.path] = mark
            renamed[mark.name] = look.name
        }
        for look in looks {
            if state.files.contains(where: { $0.complete && $0.stamp == look.stamp }) { continue }
            let known = moved[look.path] ?? state.files.first { $0.name == look.name && renamed[$0.name] == nil }
            guard let known else {
                if try !state.files.contains(where: { mark in try mark.complete && look.isSame(as: mark) }) {
                    try add(look, from: FilePart(), settling)
                }
                continue
            }
            if try look.begins(with: known), known.size == look.stamp.size || (look.grows && known.size < look.stamp.size) {
                if known.complete, known.size == look.stamp.size { continue }
                if known.complete { try Self.requireLineEnd(look.path, at: known.size) }
                try add(look, from: FilePart(offset: known.offset, lines: known.lines, passedOver: known.outcomes), known: known, settling)
            } else if files.replaced == .read {
                let was = known.size > look.stamp.size ? "cut to \(look.stamp.size) bytes" : "replaced"
                warnings.append("\(look.name) was \(was) since it was read to byte \(known.size), and is read anew")
                try add(look, from: FilePart(), known: known, settling)
            } else {
                throw Self.rewritten(look.path)
            }
        }
    }

    private mutating func add(_ look: FileLook, from part: FilePart, known: StreamState.FileMark? = nil, _ settling: Settling) throws {
        var part = part
        if look.grows {
            let end = try look.wholeLines(from: part.offset, settling)
            guard end > part.offset else { return }
            part.end = end
        }
        let end = part.end ?? look.stamp.size
        var file = try FileSearch.examine(look.path, name: look.name, from: part.offset, to: end)
        file.size = look.stamp.size
        var mark = StreamState.FileMark(name: look.name, size: end, digest: file.digest.hexadecimal, outcomes: 0, complete: true)
        mark.hashed = end
        if part.offset > 0, let known { (mark.digest, mark.hashed) = (known.digest, known.hashed) }
        (mark.head, mark.tail) = (try look.head(of: end), try look.tail(of: end))
        (mark.inode, mark.modified_ns) = (look.stamp.inode, look.stamp.modified_ns)
        if look.grows { (mark.offset, mark.lines) = (end, part.lines + file.lines) }
        entries.append(Entry(file: file, part: part, mark: mark))
    }

    /// The state once so many outcomes of each file to read are taken.
    func state(after outcomes: [Int: Int], complete: Bool, from state: StreamState) -> StreamState {
        var state = state
        for place in state.files.indices { if let name = renamed[state.files[place].name] { state.files[place].name = name } }
        for (index, entry) in entries.enumerated() {
            // A file is done when the next one has begun.
            let isDone = complete || outcomes.keys.contains { $0 > index }
            guard isDone || outcomes[index] != nil else { continue }
            var mark = entry.mark
            mark.complete = isDone
            // Where a later part begins behind this one it passes over nothing.
            if !isDone { (mark.offset, mark.lines) = (entry.part.offset, entry.part.lines) }
            if !isDone || mark.offset == 0 { mark.outcomes = entry.part.passedOver + (outcomes[index] ?? 0) }
            let place = state.files.firstIndex { $0.name == mark.name }
            if let place { state.files[place] = mark } else { state.files.append(mark) }
        }
        if let most, state.files.count > most { state.files.removeFirst(state.files.count - most) }
        return state
    }

    private static func rewritten(_ path: String) -> AdapterError {
        AdapterError(
            .data, "The file was read before and has been rewritten since. Mode append takes files that are new or only grow.", file: path,
            hint: "Deliver new rows under a new name, say replaced: \"read\" of the input where the file is rotated, or use mode snapshot.")
    }

    private static func requireLineEnd(_ path: String, at size: Int) throws(AdapterError) {
        guard FileLook.endsLine(path, at: size) else {
            throw AdapterError(
                .data, "The file was read while its last line was not finished.", file: path,
                hint: "Deliver files under another name and rename them when they are complete.")
        }
    }
}

/// Which part of a file is read.
struct FilePart: Sendable, Hashable {
    /// The byte at which reading begins: a line's beginning.
    var offset = 0
    /// The byte behind the last one that is read; nil: all there is.
    var end: Int?
    /// Lines before `offset`.
    var lines = 0
    /// Outcomes (records and refusals) from `offset` on that were taken before.
    var passedOver = 0
}
