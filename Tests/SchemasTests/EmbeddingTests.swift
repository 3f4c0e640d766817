import Foundation
import Schemas
import Subprocess
import Testing

/// What lies below `Schemas/` is what the binary carries.
@Suite struct EmbeddingTests {
    private static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test("The binary carries every file, byte for byte, and no other")
    func everyFile() throws {
        let carried = ["sql", "events", "divisions", "scenarios", "incidents"].flatMap(Schemas.files)
        let root = Self.project + "/Schemas"
        let found = try #require(FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String })
            .filter { $0.hasSuffix(".sql") || $0.hasSuffix(".json") || $0.hasSuffix(".txt") }.sorted()
        #expect(carried.map(\.path).sorted() == found)
        for file in carried {
            #expect(FileManager.default.contents(atPath: "\(root)/\(file.path)") == Data(file.text.utf8), "\(file.path) is another one in the binary")
        }
    }

    /// The plugin and its tool as they are, in a package of their own whose files this test may change.
    @Test("A file that is changed, new or gone is so in the binary after the next build; two migrations of one number fail it")
    func nextBuild() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-embedding-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makePackage(in: folder)
        let sql = folder + "/Schemas/sql/migrations"
        try write("SELECT 1;\n", "\(sql)/0001_a.sql")
        try write("SELECT 2;\n", "\(sql)/0002_b.sql")
        #expect(try carried(folder) == ["sql/migrations/0001_a.sql": "SELECT 1;\n", "sql/migrations/0002_b.sql": "SELECT 2;\n"])

        // What a raw string could trip over.
        let awkward = "SELECT '\"\"\"#', E'\\\\n', '\\#(1)', '楼', $$\"\"\"##$$;\r\n\n"
        try write("SELECT 3;\n", "\(sql)/0001_a.sql")
        try write(awkward, "\(sql)/0003_c.sql")
        try write("{}", folder + "/Schemas/events/deeper/d.schema.json")
        try FileManager.default.removeItem(atPath: "\(sql)/0002_b.sql")
        let expected = ["sql/migrations/0001_a.sql": "SELECT 3;\n", "sql/migrations/0003_c.sql": awkward, "events/deeper/d.schema.json": "{}"]
        #expect(try carried(folder) == expected)

        try write("SELECT 4;\n", "\(sql)/0003_d.sql")
        let refused = try build(folder)
        #expect(refused.status != 0 && refused.output.contains("two migrations have one number"), "\(refused.output)")
    }

    private func makePackage(in folder: String) throws {
        for path in ["Schemas/sql/migrations", "Schemas/events/deeper", "Sources/probe"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(path)", withIntermediateDirectories: true)
        }
        for path in ["Schemas/Schemas.swift", "Sources/SchemaEmbedding"] {
            try FileManager.default.copyItem(atPath: "\(Self.project)/\(path)", toPath: "\(folder)/\(path)")
        }
        try write(
            """
            // swift-tools-version: 6.1
            import PackageDescription

            let package = Package(
                name: "embedding",
                platforms: [.macOS(.v14)],
                targets: [
                    .executableTarget(name: "SchemaEmbedder", path: "Sources/SchemaEmbedding/Tool"),
                    .plugin(name: "EmbedSchemas", capability: .buildTool(), dependencies: ["SchemaEmbedder"], path: "Sources/SchemaEmbedding/Plugin"),
                    .target(name: "Schemas", path: "Schemas", exclude: ["sql", "events"], plugins: ["EmbedSchemas"]),
                    .executableTarget(name: "probe", dependencies: ["Schemas"]),
                ])
            """, folder + "/Package.swift")
        try write(
            """
            import Foundation
            import Schemas
            let files = Schemas.files(in: "sql") + Schemas.files(in: "events")
            let texts = Dictionary(uniqueKeysWithValues: files.map { ($0.path, $0.text) })
            print(String(decoding: try JSONEncoder().encode(texts), as: UTF8.self))
            """, folder + "/Sources/probe/main.swift")
    }

    private func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func build(_ folder: String) throws -> (status: Int32, output: String) {
        try ChildProcess.run("swift", ["build", "--package-path", folder, "--disable-sandbox", "--product", "probe"])
    }

    /// What the program carries that is built now.
    private func carried(_ folder: String) throws -> [String: String] {
        let built = try build(folder)
        guard built.status == 0 else {
            Issue.record("\(built.output)")
            return [:]
        }
        let probe = try ChildProcess.run(folder + "/.build/debug/probe", [])
        return try JSONDecoder().decode([String: String].self, from: Data(probe.output.utf8))
    }
}
