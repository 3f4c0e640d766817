import RecordFormats

/// Where an adapter's files are on this machine.
struct InputPlaces {
    private let manifest: Manifest
    private let override: String?

    init(_ manifest: Manifest, environment: [String: String]) {
        self.manifest = manifest
        let name = "TWINHUB_INPUT_" + manifest.name.uppercased().split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
        override = environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where the names of files begin.
    var folder: String { override ?? manifest.folder }

    /// The paths of an input's files. Throws `configuration` where there is none.
    func paths(_ files: Input.Files) throws(AdapterError) -> [String] {
        let paths = try FileSearch.paths(files.patterns, folder: manifest.folder, override: override)
        guard !paths.isEmpty else { throw Self.nothing(files.patterns, folder) }
        return paths
    }

    /// The files of an input, with their digests. Throws `configuration` where there is none.
    func find(_ files: Input.Files) throws(AdapterError) -> [FoundFile] { try examine(try paths(files), files.patterns, folder: folder) }

    /// Path, size, time of change of each file that is there, and whether it would be read, without a look into it.
    func stamps(of files: Input.Files) -> [String] {
        let settling = Settling(settle_s: files.settle_s, context: InputContext(environment: [:]))
        let paths = (try? FileSearch.paths(files.patterns, folder: manifest.folder, override: override)) ?? []
        return paths.compactMap { path in
            (try? FileSearch.stamp(path)).map { "\(path) \($0.size) \($0.modified_ns) \((try? settling.isSettled(path)) ?? false)" }
        }
    }

    /// The files of the samples.
    func find(_ samples: Input.Samples) throws(AdapterError) -> [FoundFile] {
        try examine(try FileSearch.paths(samples.patterns, folder: manifest.folder, override: nil), samples.patterns, folder: manifest.folder)
    }

    /// The same, for paths that are known.
    func examine(_ paths: [String], _ patterns: [String], folder: String) throws(AdapterError) -> [FoundFile] {
        guard !paths.isEmpty else { throw Self.nothing(patterns, folder) }
        var found: [FoundFile] = []
        for path in paths { found.append(try FileSearch.examine(path, folder: folder)) }
        return found
    }

    /// Files that are read while their digest is worked out.
    func open(_ paths: [String], _ files: Input.Files, in context: InputContext) throws(AdapterError) -> FileInput {
        guard !paths.isEmpty else { throw Self.nothing(files.patterns, folder) }
        var found: [FoundFile] = []
        for path in paths { found.append(try FileSearch.look(path, folder: folder)) }
        var input = FileInput(files: found, format: files.format, encoding: files.encoding, context: context)
        input.hashing = DigestAhead(paths, folder: folder)
        return input
    }

    private static func nothing(_ patterns: [String], _ folder: String) -> AdapterError {
        AdapterError(
            .configuration, "No file matches \(patterns.joined(separator: ", ")).", file: folder, hint: "Check the path, and that the source has delivered.")
    }
}
