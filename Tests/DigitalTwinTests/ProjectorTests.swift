import EventLog
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Leases, checkpoints, generations: what runs the fold.
@Suite struct ProjectorTests {
    private static let tower = NewEvent("building.described", "building/1", #"{"name":"one"}"#)

    @Test func anAnalystsOpenTransactionHoldsUpNoFold() throws {
        let hub = try TestHub()
        try hub.append("map", [Self.tower])
        let projector = try hub.projector()
        try projector.once()
        let analyst = try Connection(hub.conninfo)
        try analyst.execute("BEGIN; SELECT * FROM twin.building; SELECT * FROM twin.observation")
        try hub.append("map", [NewEvent("building.described", "building/2", #"{"name":"two"}"#)])
        #expect(try projector.once().facts == 1)
        #expect(try hub.rows("SELECT count(*) FROM twin.building") == ["2"])
        try analyst.execute("COMMIT")
    }

    /// The last batch is full and ends with the log: what is told afterwards is not taken for read.
    @Test func aFullLastBatchIsNotTheEnd() throws {
        let hub = try TestHub()
        var options = Projector.Options()
        options.batch = 2
        let projector = try hub.projector(options: options)
        try projector.once()
        for round in 0..<3 {
            try hub.append("map", (0..<4).map { NewEvent("building.described", "building/\(round)-\($0)", #"{"name":"b"}"#) })
            #expect(try projector.once().facts == 4)
        }
        #expect(try hub.rows("SELECT count(*) FROM twin.building") == ["12"])
    }

    /// A long range is read in sections, several at a time: in order, each fact once, in portions of any size, and what another writer told among them.
    @Test func aLongRangeIsReadInOrder() throws {
        let hub = try TestHub()
        let count = Int(5 * ReadAhead.sectionSize)
        for half in 0..<2 {
            try hub.append("map", (0..<count / 2).map { NewEvent("building.described", "building/\(half)-\($0)", "{\"floors\":\($0)}") })
            try hub.append("register", [NewEvent("case.received", "case/\(half)", "{}")])
        }
        let expected = try hub.rows("SELECT position, subject, payload FROM hub.event ORDER BY position")
        let end = try hub.connection.query("SELECT hub.settled()").int(0, 0) ?? 0
        for limit in [.max, 10_000, 33_333] {
            let reader = LogReader(try Connection(hub.conninfo))
            var got: [String] = [], position: Int64 = 0
            while position < end {
                position = try reader.read(after: position, upTo: end, limit: limit) { fact in
                    got.append("\(fact.position)|\(String(decoding: fact.subject, as: UTF8.self))|\(String(decoding: fact.payload, as: UTF8.self))")
                }.position
            }
            #expect(got == expected)
        }
    }

    /// What ends the reading of one section ends it all, and is thrown.
    @Test func aReaderThatIsCutOffSaysSo() throws {
        let hub = try TestHub()
        try hub.append("map", (0..<Int(5 * ReadAhead.sectionSize)).map { NewEvent("building.described", "building/\($0)", "{}") })
        let end = try hub.connection.query("SELECT hub.settled()").int(0, 0) ?? 0
        let reader = LogReader(try Connection(hub.conninfo))
        var count = 0
        #expect(throws: PostgresError.self) {
            _ = try reader.read(after: 0, upTo: end, limit: .max) { _ in
                count += 1
                if count == 1 { try hub.connection.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT position%' AND datname = current_database()") }
            }
        }
        #expect(count < end)
        // The next reading is a new one.
        #expect(try reader.read(after: 0, upTo: end, limit: .max) { _ in }.count == Int(end))
    }

    /// A switch that cannot have the views says who holds them, and leaves what is read as it was.
    @Test func aRebuildNamesWhoHoldsTheViews() throws {
        let hub = try TestHub()
        try hub.append("map", [Self.tower])
        var options = Projector.Options()
        options.switchPatience_s = 0
        let projector = try hub.projector(options: options)
        try projector.once()
        let analyst = try Connection(hub.conninfo)
        try analyst.execute("BEGIN; SELECT * FROM twin.building")
        let error = #expect(throws: ProjectionError.self) { try projector.rebuild() }
        #expect(error?.code == .viewsInUse)
        #expect(error?.message.contains("process \(analyst.backendPID) ") == true)
        #expect(try hub.rows("SELECT name FROM twin.building") == ["one"])
        try analyst.execute("COMMIT")
        try projector.rebuild()
        #expect(try hub.rows("SELECT name FROM twin.building") == ["one"])
        #expect(try hub.rows("SELECT count(*) FROM pg_namespace WHERE nspname ~ '^twin_g'") == ["1"])
    }

    /// Views over views, a materialized one, comments on them, grants to roles and of a column.
    @Test func whatAnalystsBuiltSurvivesTenRebuilds() throws {
        let hub = try TestHub()
        try hub.append("map", [Self.tower])
        let projector = try hub.projector()
        try projector.once()
        let roles = try ["wang", "li"].map { try Roles.makeLogin($0, .analyst, on: hub.connection) }
        try hub.connection.execute(
            """
            CREATE SCHEMA analysis AUTHORIZATION \(roles[0]); GRANT SELECT (name) ON twin.building TO \(roles[1]) WITH GRANT OPTION
            """)
        let (wang, li) = try (hub.login(roles[0]), hub.login(roles[1]))
        try wang.execute(
            """
            CREATE VIEW analysis.tall AS SELECT id, name FROM twin.building; COMMENT ON VIEW analysis.tall IS 'Tall ones';
            CREATE VIEW analysis.names AS SELECT name FROM analysis.tall; COMMENT ON COLUMN analysis.names.name IS 'Their names';
            CREATE MATERIALIZED VIEW analysis.kept AS SELECT name FROM analysis.tall;
            GRANT USAGE ON SCHEMA analysis TO \(roles[1]); GRANT SELECT ON analysis.names TO \(roles[1])
            """)
        let made = """
            SELECT obj_description('analysis.tall'::regclass) || col_description('analysis.names'::regclass, 1), c.relacl, a.attacl
              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'name' WHERE c.oid = 'twin.building'::regclass
            """
        let before = try hub.rows(made)
        for round in 1...10 {
            try hub.append("map", [NewEvent("building.described", "building/1", #"{"name":"round \#(round)"}"#)])
            try projector.rebuild()
            #expect(try wang.query("SELECT name FROM analysis.tall").text(0, 0) == "round \(round)")
            #expect(try li.query("SELECT name FROM analysis.names").text(0, 0) == "round \(round)")
            try wang.execute("REFRESH MATERIALIZED VIEW analysis.kept")
            #expect(try wang.query("SELECT name FROM analysis.kept").text(0, 0) == "round \(round)")
        }
        #expect(try hub.rows(made) == before)
        #expect(before[0].hasPrefix("Tall onesTheir names|") && before[0].contains("_li=r*/"))
    }

    /// A query that runs while the views are to be switched goes on in the old tables to its end; nobody waits for it but the switch.
    @Test func aLongQueryDuringTheSwitchEndsOnTheOldRows() throws {
        let hub = try TestHub()
        let numbers = 1...300
        try hub.append("map", numbers.map { NewEvent("building.described", "building/\($0)", #"{"name":"old"}"#) })
        try hub.projector().once()
        try hub.append("map", numbers.map { NewEvent("building.described", "building/\($0)", #"{"name":"new"}"#) })

        // Open in the midst of its rows, as a client reads a long answer.
        let analyst = try Connection(hub.conninfo)
        try analyst.execute("BEGIN; DECLARE long CURSOR FOR SELECT name FROM twin.building; MOVE 10 IN long")
        var turns = 0
        let rebuilder = try hub.projector { progress in
            guard progress.phase == .switching else { return }
            turns += 1
            guard turns == 2 else { return }
            // The first turn has been given up. Meanwhile others are answered at once, from the old tables.
            #expect(try hub.rows("SELECT DISTINCT name FROM twin.building") == ["old"])
            let rest = try analyst.query("FETCH ALL FROM long")
            #expect(rest.count == 290 && (0..<rest.count).allSatisfy { rest.text($0, 0) == "old" })
            try analyst.execute("COMMIT")
        }
        try rebuilder.rebuild()
        #expect(turns == 2)
        #expect(try hub.rows("SELECT name, count(*) FROM twin.building GROUP BY 1") == ["new|300"])
    }

    @Test func oneProjectorOfANameRuns() throws {
        let hub = try TestHub()
        let first = try hub.projector()
        try first.once()
        var options = Projector.Options()
        options.leasePatience_ms = 10
        let second = try hub.projector(options: options)
        let error = #expect(throws: ProjectionError.self) { try second.once() }
        #expect(error?.code == .leaseHeld)
        #expect(error?.message.contains("process \(first.connection.backendPID)") == true)
    }

    /// Two that both believe to be the one: the checkpoint lets only the first write.
    @Test func aMovedCheckpointFencesTheOther() throws {
        let hub = try TestHub()
        try hub.append("map", [Self.tower])
        let other = try Connection(hub.conninfo)
        let projector = try hub.projector()
        try projector.once()
        try hub.append("map", [NewEvent("building.described", "building/2")])
        let error = #expect(throws: ProjectionError.self) {
            let position = try #require(try projector.checkpoint())
            try other.execute("UPDATE hub.checkpoint SET position = position + 1")
            try projector.connection.transaction { _ in try projector.move(from: position, to: position + 10) }
        }
        #expect(error?.code == .checkpointMoved)
    }

    @Test func aStopUndoesTheOpenBatch() throws {
        let hub = try TestHub()
        try hub.projector().once()
        try hub.append("map", [Self.tower])
        let stopping = try hub.projector { _ in throw ProjectionError(.cancelled, "A test stops here.") }
        #expect(throws: ProjectionError.self) { try stopping.once() }
        #expect(try hub.rows("SELECT count(*) FROM twin.building") == ["0"])
        withExtendedLifetime(stopping) {}
    }

    @Test func anAsOfBeyondTheLogIsRefused() throws {
        let hub = try TestHub()
        let error = #expect(throws: ProjectionError.self) { try hub.projector().build(asOf: 1000, schema: "then_1000") }
        #expect(error?.code == .notSettled)
    }

    @Test func aRewoundLogIsNoticed() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        try projector.once()
        try hub.connection.execute("UPDATE hub.checkpoint SET position = 1000000")
        let error = #expect(throws: ProjectionError.self) { try projector.once() }
        #expect(error?.code == .logRewound)
    }

    /// Views of another make are made again; tables of another make are rebuilt.
    @Test func anotherMakeIsTakenOver() throws {
        let hub = try TestHub()
        try hub.append("map", [Self.tower])
        let projector = try hub.projector()
        try projector.once()
        try hub.connection.execute("UPDATE twin.generation SET views_mark = 'old'; COMMENT ON VIEW twin.building IS 'old'")
        try projector.once()
        #expect(try hub.rows("SELECT obj_description('twin.building'::regclass) = 'old', number FROM twin.generation") == ["f|1"])
        try hub.connection.execute("UPDATE twin.generation SET tables_mark = 'old'")
        #expect(try projector.once().facts == 1)
        #expect(try hub.rows("SELECT number FROM twin.generation") == ["2"])
    }

    @Test func followFoldsWhatArrives() throws {
        let hub = try TestHub()
        let projector = try hub.projector()
        var rounds = 0
        try projector.follow(poll_ms: 1) {
            rounds += 1
            if rounds == 2 { try? hub.append("map", [Self.tower]) }
            return ((try? hub.rows("SELECT count(*) FROM twin.building")) ?? []) == ["1"] || rounds > 1000
        }
        #expect(try hub.rows("SELECT name FROM twin.building") == ["one"])
    }

    /// Every view and every column says what it is, in English and in Chinese.
    @Test func everyColumnIsExplained() throws {
        let hub = try TestHub()
        try hub.projector().once()
        let unexplained = try hub.rows(
            """
            SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE c.relnamespace = 'twin'::regnamespace AND c.relkind IN ('v', 'r') AND a.attnum > 0 AND NOT a.attisdropped
               AND coalesce(col_description(c.oid, a.attnum), '') !~ '\\(.*[一-鿿].*\\)'
            UNION ALL
            SELECT c.relname, NULL FROM pg_class c
             WHERE c.relnamespace = 'twin'::regnamespace AND c.relkind IN ('v', 'r')
               AND coalesce(obj_description(c.oid), '') !~ '\\(.*[一-鿿].*\\)'
            """)
        #expect(unexplained == [])
    }

    /// Columns that others rely on.
    @Test func theAgreedColumnsAreThere() throws {
        let hub = try TestHub()
        try hub.projector().once()
        let agreed = [
            "building": "id, name, address, height_m, floors, footprint, compound_id",
            "pipe": "id, network, starts_at, ends_at, length_m, diameter_mm, path", "junction": "id, network, elevation_m, location",
            "sensor": "id, observed_property, unit, feature_of_interest, location", "observation": "sensor_id, observed_at, value",
            "case": "id, channel, category, status, received_at, closed_at, building_id, location",
        ]
        for (view, columns) in agreed { try hub.connection.execute("SELECT \(columns) FROM twin.\"\(view)\"") }
    }
}
