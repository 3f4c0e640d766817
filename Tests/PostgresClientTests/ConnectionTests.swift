import PostgresClient
import PrivateServer
import Testing

@Suite("Connection")
struct ConnectionTests {
    @Test("Parameters of every kind arrive as they were sent")
    func parameters() throws {
        let connection = try Connection(PrivateServer.shared().freshDatabase(migrated: false))
        let rows = try connection.query(
            "SELECT $1::bigint, $2::text, $3::bool, $4::double precision, $5::bytea, $6::text, $7::timestamptz, $8::bytea",
            [-5, "上海 'x' \\", true, .double(0.1), .bytes([0, 1, 255]), nil, .timestamp(Timestamp(microseconds: 1_500_000)), .bytes([])])
        #expect(rows.int(0, 0) == -5)
        #expect(rows.text(0, 1) == "上海 'x' \\")
        #expect(rows.bool(0, 2) == true)
        #expect(rows.double(0, 3) == 0.1)
        #expect(rows.bytes(0, 4) == [0, 1, 255])
        #expect(rows.isNull(0, 5) == true)
        #expect(rows.timestamp(0, 6)?.microseconds == 1_500_000)
        #expect(rows.bytes(0, 7) == [])
        #expect(rows.text(1, 0) == nil && rows.text(0, 99) == nil)
    }

    @Test("Binary COPY gives back what it was given")
    func binaryCopy() throws {
        let connection = try Connection(PrivateServer.shared().freshDatabase(migrated: false))
        try connection.execute("CREATE TABLE t (a bigint, b text, c timestamptz, d double precision, e boolean, f int, g json)")
        let copy = try connection.copyIn("COPY t FROM STDIN (FORMAT binary)")
        var writer = BinaryCopyWriter()
        for n in 0..<1_000 as Range<Int64> {
            writer.row(columns: 7)
            writer.int8(n)
            n % 3 == 0 ? writer.null() : writer.text("行 \(n)")
            writer.timestamp(Timestamp(microseconds: n * 1_234_567))
            writer.double(Double(n) / 8)
            writer.bool(n % 2 == 0)
            writer.int4(Int32(n))
            writer.data(Array(#"{"n":1.10}"#.utf8))
        }
        writer.trailer()
        // Cut anywhere: the server puts the rows together.
        let bytes = writer.bytes
        for start in stride(from: 0, to: bytes.count, by: 777) {
            try copy.write(Array(bytes[start..<min(start + 777, bytes.count)]))
        }
        let copied = try copy.finish().affected
        #expect(copied == 1_000)
        var n: Int64 = 0
        try connection.copyOut("COPY (SELECT * FROM t ORDER BY a) TO STDOUT (FORMAT binary)") { message in
            var row = BinaryRow(message)
            guard row.columns == 7 else { return }
            #expect(row.int8() == n)
            #expect(row.text() == (n % 3 == 0 ? nil : "行 \(n)"))
            #expect(row.timestamp()?.microseconds == n * 1_234_567)
            #expect(row.int8().map { Double(bitPattern: UInt64(bitPattern: $0)) } == Double(n) / 8)
            #expect(row.cell()?.first == (n % 2 == 0 ? 1 : 0))
            #expect(row.int4() == Int32(n))
            #expect(row.text() == #"{"n":1.10}"#)
            n += 1
        }
        #expect(n == 1_000)
    }

    @Test("Statements before and behind a COPY go with it, and their results are told; an error before it opens none")
    func copyAmongStatements() throws {
        let connection = try Connection(PrivateServer.shared().freshDatabase(migrated: false))
        try connection.execute("CREATE TABLE t (a text)")
        let copy = try connection.copyIn("COPY t FROM STDIN", before: "BEGIN; SELECT 7", after: "SELECT count(*) FROM t")
        let preceding = copy.preceding?.int(0, 0)
        #expect(preceding == 7)
        try copy.write(Array("one\ntwo\n".utf8))
        let following = try copy.finish().int(0, 0)
        #expect(following == 2)
        try connection.execute("COMMIT")

        #expect(throws: PostgresError.self) { try connection.copyIn("COPY t FROM STDIN", before: "BEGIN; SELECT 1 / 0") }
        #expect(connection.inTransaction)
        try connection.execute("ROLLBACK")
        #expect(throws: PostgresError.self) { try connection.copyIn("SELECT 1") }
        let broken = try connection.copyIn("COPY t FROM STDIN", after: "SELECT 1 / 0")
        #expect(throws: PostgresError.self) { try broken.finish() }
        #expect(try connection.query("SELECT count(*) FROM t").int(0, 0) == 2)
    }

    @Test("A COPY that is not finished keeps nothing, and the connection lives on")
    func abortedCopy() throws {
        let connection = try Connection(PrivateServer.shared().freshDatabase(migrated: false))
        try connection.execute("CREATE TABLE t (a text)")
        do {
            let copy = try connection.copyIn("COPY t FROM STDIN")
            try copy.write(Array("one\n".utf8))
        }
        #expect(try connection.query("SELECT count(*) FROM t").int(0, 0) == 0)
        struct Enough: Error {}
        try connection.execute("INSERT INTO t SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
        #expect(throws: Enough.self) { try connection.copyOut("COPY t TO STDOUT") { _ in throw Enough() } }
        #expect(try connection.query("SELECT 1").int(0, 0) == 1)
    }

    @Test("Errors name SQLSTATE, constraint, table and column, and never the row")
    func errors() throws {
        let connection = try Connection(PrivateServer.shared().freshDatabase(migrated: false))
        try connection.execute("CREATE TABLE person (id text CONSTRAINT one_each UNIQUE, age int NOT NULL)")
        try connection.execute("INSERT INTO person VALUES ('310101199001011234', 1)")
        let duplicate = #expect(throws: PostgresError.self) {
            try connection.query("INSERT INTO person VALUES ($1, 1)", ["310101199001011234"])
        }
        #expect(duplicate?.sqlState == "23505")
        #expect(duplicate?.constraint == "one_each")
        #expect(duplicate?.table == "person")
        #expect(duplicate?.kind == .data)
        let syntax = #expect(throws: PostgresError.self) { try connection.query("INSERT INTO person VALUES ('a', $1::text::int)", ["31010119x"]) }
        let missing = #expect(throws: PostgresError.self) { try connection.query("INSERT INTO person VALUES ('310101', NULL)") }
        #expect(missing?.column == "age")
        let copied = #expect(throws: PostgresError.self) {
            let copy = try connection.copyIn("COPY person FROM STDIN")
            try copy.write(Array("310101199001011234\tnot a number 310101\n".utf8))
            try copy.finish()
        }
        for error in [duplicate, syntax, missing, copied] {
            #expect(error.map { "\($0)" }?.contains("3101") == false, "\(String(describing: error))")
        }
    }

    @Test("A transaction that throws is rolled back, and the error goes on")
    func rollback() throws {
        let connection = try Connection(PrivateServer.shared().freshDatabase(migrated: false))
        try connection.execute("CREATE TABLE t (a int)")
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            try connection.transaction { connection in
                try connection.execute("INSERT INTO t VALUES (1)")
                throw Stop()
            }
        }
        #expect(!connection.inTransaction)
        #expect(try connection.query("SELECT count(*) FROM t").int(0, 0) == 0)
        #expect(try connection.transaction { try $0.query("SELECT 2").int(0, 0) } == 2)
    }

    @Test("A notification from another session arrives without polling")
    func notification() throws {
        let conninfo = try PrivateServer.shared().freshDatabase(migrated: false)
        let listener = try Connection(conninfo)
        try listener.execute("LISTEN hub")
        try Connection(conninfo).execute("NOTIFY hub, 'x'")
        #expect(try listener.notifications(timeout_ms: 10_000) .map(\.payload) == ["x"])
        #expect(try listener.notifications(timeout_ms: 0).isEmpty)
    }

    @Test("An unreachable server is a clear error")
    func unreachable() {
        let error = #expect(throws: PostgresError.self) { try Connection("host=/nonexistent dbname=x") }
        #expect(error?.operation == "connecting")
        #expect(error?.kind == .transient)
    }
}
