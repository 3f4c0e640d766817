import EventLog
import RecordFormats

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Which files of an append stream are read, and which parts of them were read before.
struct FileLedger {
    /// Files to read, those that only grew included.
    private(set) var files: [FoundFile] = []
    /// Outcomes of a file that were taken before.
    private(set) var passedOver: [String: Int] = [:]
    /// Files that are read already.
    private(set) var skipped = 0
    private let marks: [StreamState.FileMark]
    private let most: Int?

    /// Throws `data` where a file that was read before was rewritten: its rows would be told twice.
    /// - Parameter most: how many files are remembered; nil for all of them.
    init(_ found: [FoundFile], state: StreamState, format: Format, folder: String, most: Int? = nil) throws(AdapterError) {
        marks = state.files
        self.most = most
        for file in found {
            let digest = file.digest.hexadecimal
            if marks.contains(where: { $0.complete && $0.digest == digest }) {
                skipped += 1
                continue
            }
            if let mark = marks.first(where: { $0.name == file.name }) {
                try Self.requireGrown(file, mark, format: format, folder: folder)
                passedOver[file.name] = mark.outcomes
            }
            files.append(file)
        }
    }

    /// The state once so many outcomes of each file to read are taken.
    func state(after outcomes: [Int: Int], complete: Bool, from state: StreamState) -> StreamState {
        var state = state
        for (index, file) in files.enumerated() {
            let taken = (passedOver[file.name] ?? 0) + (outcomes[index] ?? 0)
            // A file is done when the next one has begun.
            let isDone = complete || outcomes.keys.contains { $0 > index }
            guard isDone || outcomes[index] != nil else { continue }
            let mark = StreamState.FileMark(
                name: file.name, size: file.size, digest: file.digest.hexadecimal, outcomes: taken, complete: isDone)
            if let place = state.files.firstIndex(where: { $0.name == file.name }) { state.files[place] = mark } else { state.files.append(mark) }
        }
        if let most, state.files.count > most { state.files.removeFirst(state.files.count - most) }
        return state
    }

    private static func requireGrown(_ file: FoundFile, _ mark: StreamState.FileMark, format: Format, folder: String) throws(AdapterError) {
        if file.digest.hexadecimal == mark.digest { return }
        let growing: Bool =
            switch format {
            case .csv, .ndjson: true
            case .json, .geojson, .inp, .singer: false
            }
        guard growing, file.size > mark.size,
            try FileSearch.examine(file.path, folder: folder, prefix: mark.size).digest.hexadecimal == mark.digest
        else {
            throw AdapterError(
                .data, "The file was read before and has been rewritten since. Mode append takes files that are new or only grow.", file: file.path,
                hint: "Deliver new rows under a new name, or use mode snapshot.")
        }
        guard endsLine(file.path, at: mark.size) else {
            throw AdapterError(
                .data, "The file was read while its last line was not finished.", file: file.path,
                hint: "Deliver files under another name and rename them when they are complete.")
        }
    }

    /// Whether a line ends at this size: its last byte ends one, or the next one does.
    private static func endsLine(_ path: String, at size: Int) -> Bool {
        guard size > 0, let file = fopen(path, "rb") else { return size == 0 }
        defer { fclose(file) }
        guard fseek(file, size - 1, SEEK_SET) == 0 else { return false }
        let ends: Set<Int32> = [10, 13]
        return ends.contains(fgetc(file)) || ends.contains(fgetc(file))
    }
}
