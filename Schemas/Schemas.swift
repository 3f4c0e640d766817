/// The contract of twinhub: its SQL, its event schemas and the names of divisions, carried inside the binary.
package enum Schemas {
    /// One file below `Schemas/`.
    package struct File: Sendable, Hashable {
        /// Path below `Schemas/`, such as `sql/views/building.sql`.
        package let path: String
        /// The text, byte for byte.
        package let text: String

        /// The last part of the path, without its extension.
        package var name: String {
            let last = path.split(separator: "/").last ?? ""
            return String(last.prefix { $0 != "." })
        }
    }

    private static let all = embeddedFiles.map { File(path: $0.path, text: $0.text) }
    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0.text) })

    /// The files of a folder and those below it, in the order of their paths; `folder` is relative to `Schemas/`.
    package static func files(in folder: String) -> [File] {
        all.filter { $0.path.hasPrefix(folder + "/") }
    }

    /// The text of one file, or nil where the binary carries no such file.
    package static func text(_ path: String) -> String? { byPath[path] }
}
