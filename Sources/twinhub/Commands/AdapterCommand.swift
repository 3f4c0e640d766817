import Foundation
import Operations

/// `twinhub adapter …`: the ways in.
struct AdapterCommand: Command {
    static let name = "adapter"
    static let abstract = "List, check, preview, test and run the adapters, one folder of Adapters/ each."
    static let subcommands: [any Command.Type] = []

    /// The folders that hold a manifest, in order.
    static func names(in home: HubHome) throws -> [String] {
        let folders = try FileManager.default.contentsOfDirectory(atPath: home.adapters)
        return folders.filter { FileManager.default.fileExists(atPath: "\(home.adapters)/\($0)/adapter.json5") }.sorted()
    }
}
