import Foundation
import PackagePlugin

/// Hands every file of SQL, JSON or plain text below `Schemas` to `SchemaEmbedder`, and declares each
/// as an input, so that a changed or new file reaches the binary at the next build.
@main
struct EmbedSchemas: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let root = (target as? SwiftSourceModuleTarget)?.directoryURL else { return [] }
        let inputs = files(below: root)
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedSchemas.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(inputs.count) schema files",
                executable: try context.tool(named: "SchemaEmbedder").url,
                arguments: [root.path, output.path] + inputs.map(\.path),
                inputFiles: inputs,
                outputFiles: [output])
        ]
    }

    private func files(below root: URL) -> [URL] {
        let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        return (found?.compactMap { $0 as? URL } ?? [])
            .filter { ["sql", "json", "txt"].contains($0.pathExtension) }
            .sorted { $0.path < $1.path }
    }
}
