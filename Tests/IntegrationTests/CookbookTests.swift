import Foundation
import PostgresClient
import PrivateServer
import Testing

/// The questions that the documentation answers by SQL: each is asked of the demo's twin, and gives what is written below it.
@Suite struct CookbookTests {
    private struct Question {
        let document: String
        let sql: String
        /// Cells without the spaces around them; nil where rows were left out (…).
        let rows: [[String]]
        let isWhole: Bool
    }

    /// Every SQL block that an output follows.
    private static func questions(in document: String) throws -> [Question] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
        let lines = try String(contentsOfFile: "\(root)/\(document)", encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var questions: [Question] = []
        var at = 0
        func block() -> [String] {
            var found: [String] = []
            at += 1
            while at < lines.count, lines[at] != "```" {
                found.append(lines[at])
                at += 1
            }
            at += 1
            return found
        }
        while at < lines.count {
            guard lines[at] == "```sql" else { at += 1; continue }
            let sql = block()
            guard at < lines.count, lines[at] == "```" else { continue }
            let output = block()
            questions.append(
                Question(
                    document: document, sql: sql.joined(separator: "\n"), rows: output.filter { $0.trimmingCharacters(in: .whitespaces) != "…" }.map(cells),
                    isWhole: !output.contains { $0.trimmingCharacters(in: .whitespaces) == "…" }))
        }
        return questions
    }

    private static func cells(_ line: String) -> [String] {
        line.split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func everyQuestionIsAnsweredAsWritten() throws {
        let clone = try HubClone()
        let demo = try clone.run("demo")
        #expect(demo.status == 0, "\(demo.errors)")
        let (hub, connection) = try clone.connect()
        try connection.execute("SET TIME ZONE 'UTC'; SET intervalstyle = 'postgres'; INSERT INTO hub.case_scheme VALUES ('hotline-12345', 'shandong', 'cn')")
        let cookbook = try Self.questions(in: "Sources/DigitalTwin/Cases/COOKBOOK.md"), readme = try Self.questions(in: "README.md")
        #expect(cookbook.count == 20)
        #expect(readme.count >= 8)
        for question in readme + cookbook {
            let found = try connection.query(question.sql.trimmingCharacters(in: CharacterSet(charactersIn: "; \n")))
            let rows = (0..<found.count).map { row in
                // A value may hold the separator of columns.
                Self.cells((0..<found.columnCount).map { Self.shown(found.text(row, $0)) }.joined(separator: "|"))
            }
            let compared = question.isWhole ? rows : Array(rows.prefix(question.rows.count))
            #expect(compared == question.rows, "\(question.document): \(question.sql)")
        }
        withExtendedLifetime(hub) {}
    }

    /// As psql shows it.
    private static func shown(_ value: String?) -> String { value ?? "" }
}
