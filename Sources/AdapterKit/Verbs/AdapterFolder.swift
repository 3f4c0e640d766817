import EventLog
import Foundation

/// An adapter as `adapter list` shows it.
package struct ListedAdapter: Sendable {
    package let name: String
    package let folder: String
    /// Nil where the manifest has a mistake.
    package let manifest: Manifest?
    /// The mistake.
    package let problem: AdapterError?
}

/// Finds the adapters of a project.
package enum AdapterFolders {
    /// All folders below `root` that hold an `adapter.json5`, by name.
    package static func list(root: String) -> [ListedAdapter] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.sorted().compactMap { name in
            let folder = root + "/" + name
            guard FileManager.default.fileExists(atPath: folder + "/adapter.json5") else { return nil }
            do throws(AdapterError) {
                return ListedAdapter(name: name, folder: folder, manifest: try Manifest.read(folder: folder), problem: nil)
            } catch {
                return ListedAdapter(name: name, folder: folder, manifest: nil, problem: error)
            }
        }
    }

    /// The adapter of a name. Throws `configuration` with the nearest name where there is none.
    package static func find(_ name: String, root: String) throws(AdapterError) -> Manifest {
        let folder = root + "/" + name
        guard !name.contains("/"), FileManager.default.fileExists(atPath: folder + "/adapter.json5") else {
            let nearest = nearestWord(to: name, in: list(root: root).map(\.name)).map { "The nearest one is \"\($0)\"." }
            throw AdapterError(.configuration, "There is no adapter \"\(name)\".", file: root, hint: nearest ?? "See `twinhub adapter list`.")
        }
        return try Manifest.read(folder: folder)
    }
}

extension Manifest {
    /// How the source is registered in the log.
    package var sourceDescription: Sources.Description {
        Sources.Description(name: name, uri: source, department: department, owner: owner)
    }
}

/// The first facts of a source, without a database.
package enum AdapterPreview {
    /// - Parameters:
    ///   - limit: facts a stream.
    ///   - samples: reads the samples in place of the source.
    package static func run(
        _ manifest: Manifest, limit: Int, samples: Bool = false, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> SampleResult {
        try SamplePull(manifest: manifest, environment: environment).source(limit: limit, samples: samples)
    }
}
