import Testing

/// House rules that a reader would otherwise have to watch.
@Suite struct StyleTests {
    @Test(arguments: ["try" + "!", "fatalError" + "(", " as" + "! ", "preconditionFailure" + "("])
    func theProductNeverGivesUp(_ word: String) throws {
        // The build tool's own failure is a failed build.
        let files = try Project.files(in: "Sources", ".swift") + Project.files(in: "Schemas", ".swift")
        let places = files.flatMap { $0.places(of: word) }
        #expect(places.isEmpty, "\(word) ends the process: throw the module's error instead.")
    }

    @Test func noTestSleeps() throws {
        let files = try Project.files(in: "Tests", ".swift").filter { !$0.path.hasPrefix("Tests/ArchitectureTests/") }
        // `pg_sleep` makes the server wait, which is the subject of some tests.
        let places = files.flatMap { $0.places(of: "sleep(") { line, range in !line[..<range.lowerBound].hasSuffix("_") } }
        #expect(places.isEmpty, "Wait for a condition or a signal instead: a sleep is too long on one machine and too short on another.")
    }

    @Test(arguments: ["Sources", "Tests", "Schemas"])
    func filesStayShort(_ room: String) throws {
        for file in try Project.files(in: room, ".swift") {
            #expect(file.lines.count <= 400, "\(file) has \(file.lines.count) lines: cut it where it changes its subject.")
        }
    }

    @Test(arguments: ["Sources", "Tests"])
    func linesStayReadable(_ room: String) throws {
        for file in try Project.files(in: room, ".swift") {
            // A text is not cut for the sake of its line.
            for (number, line) in file.lines.enumerated() where line.count > 180 && !line.contains("\"") {
                Issue.record("\(file):\(number + 1) has \(line.count) columns; 140 is the aim.")
            }
        }
    }

    /// What other rooms see is explained where it stands.
    @Test func everyTypeForOthersSaysWhatItIs() throws {
        let beginnings = ["struct ", "enum ", "final class ", "class ", "protocol ", "func "].map { "package " + $0 }
        for file in try Project.files(in: "Sources", ".swift") {
            for (number, line) in file.lines.enumerated() where beginnings.contains(where: { line.hasPrefix($0) }) {
                let above = file.lines[..<number].last { !$0.hasPrefix("@") } ?? ""
                #expect(above.hasPrefix("///"), "\(file):\(number + 1) has no doc comment.")
            }
        }
    }

    @Test func aFileOfSQLMakesOneObject() throws {
        // A table's own sequence and indexes belong to it.
        let objects = [
            "TABLE", "UNLOGGED TABLE", "VIEW", "MATERIALIZED VIEW", "FUNCTION", "PROCEDURE", "SCHEMA", "EXTENSION", "TYPE", "DOMAIN",
            "ROLE", "AGGREGATE",
        ]
        let beginnings = objects.flatMap { ["CREATE \($0) ", "CREATE OR REPLACE \($0) "] }
        for file in try Project.files(in: "Schemas", ".sql") {
            let made = file.lines.filter { line in beginnings.contains { line.uppercased().hasPrefix($0) } }
            #expect(made.count <= 1, "\(file) makes \(made.count) objects: one a file, so that a change shows in its history.")
        }
    }

    @Test func shellScriptsAreBash() throws {
        for path in ["twinhub", ".ci/run"] {
            let text = try String(contentsOfFile: Project.folder + "/" + path, encoding: .utf8)
            #expect(text.hasPrefix("#!/usr/bin/env bash\n"))
        }
    }
}
