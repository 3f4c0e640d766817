import Testing

/// Who may import whom. Drawn in Sources/README.md; the two change together.
@Suite struct ArrowTests {
    /// Our own modules that a room may import.
    static let arrows: [String: Set<String>] = [
        "Schemas": [],
        "Sources/Subprocess": [],
        "Sources/PostgresClient": ["CLibPQ"],
        "Sources/EventLog": ["PostgresClient", "CLibCrypto", "Schemas"],
        "Sources/RecordFormats": [],
        "Sources/AdapterKit": ["EventLog", "PostgresClient", "RecordFormats", "CLibCrypto", "Schemas", "Subprocess"],
        "Sources/Projections": ["EventLog", "PostgresClient"],
        "Sources/DigitalTwin": ["Projections", "EventLog", "PostgresClient", "Schemas"],
        "Sources/EventStreams": ["CLibCrypto", "EventLog", "PostgresClient", "Schemas"],
        "Sources/Operations": ["CLibCrypto", "EventLog", "PostgresClient", "Subprocess"],
        "Sources/Simulation": ["RecordFormats"],
        "Sources/SchemaEmbedding": [],
        "Sources/twinhub": everything,
        "Tests/Benchmarks": everything.union(["StreamFaults"]),
        "Tests/PrivateServer": ["EventLog", "Operations", "PostgresClient", "Subprocess"],
        "Tests/StreamFaults": ["EventLog", "EventStreams", "Operations", "PostgresClient", "PrivateServer", "Subprocess"],
        "Tests/TwinReference": ["PostgresClient"],
    ]

    private static let everything: Set = [
        "AdapterKit", "DigitalTwin", "EventLog", "EventStreams", "Operations", "PostgresClient", "Projections", "RecordFormats", "Schemas",
        "Simulation", "Subprocess",
    ]

    /// What comes with the toolchain; there are no other dependencies.
    private static let system: Set = ["Foundation", "FoundationNetworking", "Glibc", "Darwin", "Dispatch", "PackagePlugin"]

    @Test(arguments: arrows.keys.sorted())
    func aRoomImportsOnlyWhatItMay(_ room: String) throws {
        let allowed = Self.arrows[room, default: []].union(Self.system)
        let files = try Project.files(in: room, ".swift")
        #expect(!files.isEmpty, "\(room) has no Swift files: has it been renamed?")
        for file in files {
            for (number, line) in file.lines.enumerated() {
                guard let module = Self.importedModule(line) else { continue }
                #expect(allowed.contains(module), "\(file):\(number + 1): \(room) may not import \(module). See Sources/README.md.")
            }
        }
    }

    @Test func everyRoomHasItsArrows() throws {
        // System libraries hold a module map, no Swift.
        let rooms = try Project.rooms(in: "Sources").filter { !$0.hasPrefix("CLib") }.map { "Sources/" + $0 }
        let known = Set(Self.arrows.keys.filter { $0.hasPrefix("Sources/") })
        #expect(Set(rooms) == known, "A room came or went: say here and in Sources/README.md who may import whom.")
    }

    @Test func testsMirrorSources() throws {
        let rooms = Set(try Project.rooms(in: "Sources")).union(["Schemas", "Architecture", "Integration", "Fault"])
        for room in try Project.rooms(in: "Tests") where room.hasSuffix("Tests") {
            #expect(rooms.contains(String(room.dropLast("Tests".count))), "Tests/\(room) has no room in Sources.")
        }
    }

    /// `import X`, `@testable import X`, `package import struct X.Y` → X.
    static func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0].split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { return nil }
        guard words[..<place].allSatisfy({ $0.hasPrefix("@") || ["package", "public", "internal", "private", "fileprivate"].contains($0) })
        else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let name = kinds.contains(words[place + 1]) ? words.dropFirst(place + 2).first : words[place + 1]
        return name.map { String($0.prefix { $0 != "." }) }
    }

    @Test func importsAreRecognised() {
        #expect(Self.importedModule("import Foundation") == "Foundation")
        #expect(Self.importedModule("@testable import twinhub") == "twinhub")
        #expect(Self.importedModule("package import struct EventLog.Catalog // why") == "EventLog")
        #expect(Self.importedModule("// import CLibPQ") == nil)
        #expect(Self.importedModule("let important = 1") == nil)
        #expect(Self.importedModule("write(\"import x\")") == nil)
    }
}
