import Foundation

/// The project's files as text, read from the clone that these tests were compiled in.
enum Project {
    /// The clone: three folders above this file.
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    struct File: CustomStringConvertible {
        /// Below the clone.
        let path: String
        let lines: [Substring]

        var description: String { path }
    }

    /// Every file below `room` whose name ends so, sorted by path.
    static func files(in room: String, _ ending: String) throws -> [File] {
        let names = FileManager.default.enumerator(atPath: folder + "/" + room)?.compactMap { $0 as? String } ?? []
        return try names.filter { $0.hasSuffix(ending) }.sorted().map { name in
            let text = try String(contentsOfFile: "\(folder)/\(room)/\(name)", encoding: .utf8)
            return File(path: "\(room)/\(name)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// The rooms: the folders directly below `Sources` or `Tests`.
    static func rooms(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: self.folder + "/" + folder).filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(self.folder)/\(folder)/\(name)", isDirectory: &isFolder) && isFolder.boolValue
        }.sorted()
    }
}

extension Project.File {
    /// The lines that hold this outside of comments, as `path:line`.
    func places(of word: String, where isMeant: (Substring, Range<Substring.Index>) -> Bool = { _, _ in true }) -> [String] {
        lines.enumerated().compactMap { number, line in
            let code = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
            guard let range = code.range(of: word), isMeant(code, range) else { return nil }
            return "\(path):\(number + 1)"
        }
    }
}
