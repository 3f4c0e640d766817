import Foundation
import Operations
import PostgresClient
import PrivateServer
import RecordFormats
import Subprocess
import Testing

@Suite("The demo, as a user runs it")
struct DemoTests {
    @Test("From nothing to a twin that adds up; a second run appends nothing; nobody's name, number or phone is in the clear")
    func demo() throws {
        let clone = try HubClone()
        let first = try clone.run("demo")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("What each department says"))
        #expect(first.output.contains("demonstration placement"))

        var facts: Int64?
        do {
            let (hub, connection) = try clone.connect()
            try checkFigures(connection)
            facts = try connection.query("SELECT count(*) FROM hub.event").int(0, 0)
            withExtendedLifetime(hub) {}
        }
        let second = try clone.run("demo")
        #expect(second.status == 0, "\(second.errors)")
        #expect(second.output.contains("Nothing new"))
        let verified = try clone.run("verify")
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        do {
            let (hub, connection) = try clone.connect()
            #expect(try connection.query("SELECT count(*) FROM hub.event").int(0, 0) == facts)
            try checkNothingIsInTheClear(clone, outputs: [first, second, verified])
            withExtendedLifetime(hub) {}
        }
    }

    private func checkFigures(_ connection: Connection) throws {
        func value(_ sql: String) throws -> String? { try connection.query(sql).text(0, 0) }
        #expect(try value("SELECT count(*) FROM twin.building") == "1322")
        #expect(try value("SELECT count(*) FROM twin.building_part") == "129")
        #expect(
            try value(
                """
                SELECT string_agg(split_part(subject, '/', 1) || ' ' || n, ', ' ORDER BY n DESC)
                  FROM (SELECT split_part(e.subject, '/', 1) AS subject, count(DISTINCT e.subject) AS n
                          FROM hub.event e JOIN hub.source s ON s.id = e.source_id WHERE s.name = 'osm-buildings' AND e.subject NOT LIKE 'source/%' GROUP BY 1) k
                """) == "building 1322, building_part 129, address 46, entrance 20")
        #expect(try value("SELECT count(*) || ' ' || sum(length_m)::numeric(10,2) FROM twin.pipe WHERE network = 'ctown'") == "429 56723.77")
        #expect(try value("SELECT count(*) FROM twin.network_link") == "444")
        #expect(try value("SELECT count(*) FROM twin.network_node") == "396")
        for table in ["sensor", "observation", "dwelling", "compound", "resident_count", "building_pipe", "freshness", "case_step", "entrance"] {
            #expect(try connection.query("SELECT count(*) FROM twin.\(table)").int(0, 0) ?? 0 > 0, "\(table)")
        }
    }

    /// ID numbers, names and phones from what the departments delivered, looked for in a dump, in the server's files and in all output.
    private func checkNothingIsInTheClear(_ clone: HubClone, outputs: [HubClone.Outcome]) throws {
        let personal = try clone.values(["证件号码", "姓名", "联系电话"], in: "police-register/samples/residents.csv", encoding: "gb18030")
            .union(clone.values(["id_number", "name", "phone"], in: "civil-affairs/samples/care_recipient.csv"))
        // Two characters may stand in any address.
        let planted = personal.filter { $0.utf8.count >= 9 }
        #expect(planted.count > 150)
        let patterns = clone.folder + "/patterns"
        try (planted.sorted().joined(separator: "\n") + "\n").write(toFile: patterns, atomically: true, encoding: .utf8)
        let output = clone.folder + "/output"
        try outputs.map { $0.output + $0.errors }.joined().write(toFile: output, atomically: true, encoding: .utf8)
        let server = clone.home.server
        let dump = clone.folder + "/dump.sql"
        let dumped = try ChildProcess.run(
            try server.installation().path("pg_dump"), ["--no-password", "--file", dump, server.conninfo()])
        #expect(dumped.status == 0, "\(dumped.output)")
        try Connection(server.conninfo()).execute("CHECKPOINT")
        for place in [dump, output, server.data, server.log, clone.home.state] {
            let found = try ChildProcess.run("grep", ["-rlaF", "-f", patterns, place])
            #expect(found.status == 1, "in the clear: \(found.output)")
        }
        // The search can find: the sources' own files hold them.
        #expect(try ChildProcess.run("grep", ["-rlaF", "-f", patterns, clone.folder + "/Adapters/civil-affairs/samples"]).status == 0)
    }
}

extension HubClone {
    /// Every value of some columns of a CSV sample, as a source delivers it.
    fileprivate func values(_ columns: [String], in sample: String, encoding: String = "utf-8") throws -> Set<String> {
        var reader = try makeReader(.csv(CSVOptions(encoding: encoding)), FileBytes(path: "\(folder)/Adapters/\(sample)"))
        var found: Set<String> = []
        while let outcome = try reader.next() {
            guard case .record(let record) = outcome else { continue }
            for column in columns {
                if case .text(let value)? = record[column], !value.isEmpty { found.insert(value) }
            }
        }
        return found
    }
}
