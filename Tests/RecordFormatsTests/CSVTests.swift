import RecordFormats
import Testing

@Suite("CSV: rows, quotes, headers")
struct CSVTests {
    private func read(_ text: String, _ options: CSVOptions = CSVOptions(), step: Int = .max) throws -> Reading {
        try Reading(.csv(options), text, step: step)
    }

    @Test("Quotes hold delimiters, newlines and doubled quotes; line numbers stay right", arguments: [1, 2, 3, 7, 1000])
    func quotes(step: Int) throws {
        let reading = try read("a,b\n1,\"x,\"\"y\"\"\nz\"\n2,\"\"\r\n3,\"p\rq\r\nr\"\n4,plain\"quote", step: step)
        #expect(reading.rows == [["1", "x,\"y\"\nz"], ["2", ""], ["3", "p\rq\r\nr"], ["4", "plain\"quote"]])
        #expect(reading.lines == [2, 4, 5, 8])
        #expect(reading.refused == [])
    }

    @Test("LF, CR LF and lone CR end rows, also mixed", arguments: [1, 2, 1000])
    func lineEnds(step: Int) throws {
        let reading = try read("a,b\r\n1,2\n3,4\r5,6\r\n\r\n7,8\r", step: step)
        #expect(reading.rows == [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]])
        #expect(reading.lines == [2, 3, 4, 6])
    }

    @Test("The last row needs no line's end, and a trailing delimiter is an empty field")
    func lastRow() throws {
        #expect(try read("a,b\n1,").rows == [["1", ""]])
        #expect(try read("a,b\n1,\"\"").rows == [["1", ""]])
        #expect(try read("a\n\"\"\n").rows == [[""]])
    }

    @Test("Raw bytes are the row as delivered")
    func raw() throws {
        let reading = try read("a,b\r\n1,\"x\r\ny\"\r\n")
        #expect(reading.records.first?.raw == Array("1,\"x\r\ny\"".utf8))
    }

    @Test("Repeated, empty and taken header names become unique")
    func names() throws {
        let reading = try read("p,,p,p_2,p\n1,2,3,4,5\n")
        #expect(reading.columns == ["p", "column_2", "p_3", "p_2", "p_4"])
    }

    @Test("A header one name short of all rows gets an index column; of one ragged row it does not")
    func indexColumn() throws {
        let short = try read("x,y\n1,2,3\n4,5,6\n")
        #expect(short.columns == ["column_1", "x", "y"])
        #expect(short.rows == [["1", "2", "3"], ["4", "5", "6"]])
        let ragged = try read("x,y\n1,2,3\n4,5\n")
        #expect(ragged.rows == [["4", "5"]])
        #expect(ragged.refused == ["2 ragged"])
        #expect(try read("x,y\n1,2,3\n").refused == ["2 ragged"])
    }

    @Test("Headers may be given or absent, and lines before them skipped")
    func headerKinds() throws {
        #expect(try read("1,2\n", CSVOptions(header: .names(["a", "b"]))).columns == ["a", "b"])
        #expect(try read("1,2\n3\n", CSVOptions(header: .none)).columns == ["column_1", "column_2"])
        let skipped = try read("A title, \"open\nnote\na,b\n1,2\n", CSVOptions(skippedLines: 2))
        #expect(skipped.rows == [["1", "2"]])
        #expect(skipped.lines == [4])
    }

    @Test("Trimming drops blanks around fields and allows them around quotes")
    func trim() throws {
        let reading = try read("a, b\t,c\n 1 , \"x, y\" ,\" kept \"\n", CSVOptions(trim: true))
        #expect(reading.columns == ["a", "b", "c"])
        #expect(reading.rows == [["1", "x, y", " kept "]])
        #expect(try read("a, b\n1, 2\n").rows == [["1", " 2"]])
    }

    @Test("Other delimiters and quotes")
    func dialects() throws {
        #expect(try read("a;b\n1;'x;y'\n", CSVOptions(delimiter: ";", quote: "'")).rows == [["1", "x;y"]])
        #expect(try read("a\tb\n\"1\t2\n", CSVOptions(delimiter: "\t", quote: "")).rows == [["\"1", "2"]])
    }

    @Test("A wrong declaration is named before anything is read")
    func declarations() {
        for options in [
            CSVOptions(delimiter: ""), CSVOptions(delimiter: "，"), CSVOptions(delimiter: "\n"), CSVOptions(delimiter: "\""),
            CSVOptions(encoding: "klingon"), CSVOptions(encoding: "utf-16//IGNORE"), CSVOptions(header: .names([])),
        ] {
            let error = #expect(throws: FormatError.self) { try makeReader(.csv(options), MemoryBytes("a\n")) }
            #expect(error?.kind == .configuration)
        }
    }

    @Test("An input without a header is an error, never an empty table")
    func empty() throws {
        #expect(try read("").error?.kind == .data)
        #expect(try read("\n\n").error?.kind == .data)
        #expect(try read("a,b\n").records.isEmpty)
        #expect(try read("a,b\n").columns == ["a", "b"])
        #expect(try read("", CSVOptions(header: .none)).error == nil)
    }

    @Test("A record finds columns by name, and dotted names lead into objects")
    func lookup() throws {
        let record = try #require(try Reading(.ndjson, #"{"a.b":1,"a":{"b":2,"c.d":{"e":3}},"x":{"y":{"z":4}}}"#).records.first)
        #expect(record["a.b"] == .number("1"))
        #expect(record["a.c.d.e"] == .number("3"))
        #expect(record["x.y.z"] == .number("4"))
        #expect(record["x.q"] == nil)
        #expect(record["nothing"] == nil)
    }
}
