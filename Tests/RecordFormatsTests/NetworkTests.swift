import RecordFormats
import Testing

@Suite("EPANET networks")
struct NetworkTests {
    private static let small = """
        [TITLE]
        a ; title
        [PIPES]
        ;ID node1 node2
         p1\tj1  j2  100  .3  +130  0  Open ; main; street
        p2 j2 r1 50. 0.2 100 CV
        [junctions]
        j1 10 ;AMR
        j2 11 5 pat

        [RESERV]
        r1 20
        [VALVES]
        v1 j1 j2 12 prv 40
        v2 j1 j2 12 GPV 7 0 surplus words
        [PUMPS]
        u1 r1 j1 HEAD 1  SPEED 1.2
        [STATUS]
        u1 Closed
        p1 closed
        [VERTICES]
        p1 1.5 2
        p1 1.6 3
        [COORDINATES]
        j1 1 2
        j2 -3 4e2
        [TAGS]
        NODE j1 east side
        [OPTIONS]
         Units  lps
        Unbalanced continue 10
        [NEW THING]
        whatever
        [END]
        not read
        """

    @Test("Components, coordinates, paths, units and comments", arguments: [1, 1000])
    func components(step: Int) throws {
        let reading = try Reading(.inp, Self.small, step: step)
        #expect(reading.refused == [])
        #expect(
            reading.records.map { "\($0["section"]?.string ?? "") \($0["id"]?.string ?? "") \($0.line)" } == [
                "pipe p1 5", "pipe p2 6", "junction j1 8", "junction j2 9", "reservoir r1 12", "valve v1 14", "valve v2 15", "pump u1 17",
            ])
        let pipe = reading.records[0]
        #expect(pipe["length"] == .number("100") && pipe["diameter"] == .number("0.3") && pipe["roughness"] == .number("130"))
        #expect(pipe["status"] == .text("closed"))
        #expect(pipe["comment"] == .text("main; street"))
        #expect(pipe["flow_units"] == .text("LPS") && pipe["headloss"] == .text("H-W"))
        #expect(
            pipe["path"]
                == .array([
                    .array([.number("1"), .number("2")]), .array([.number("1.5"), .number("2")]), .array([.number("1.6"), .number("3")]),
                    .array([.number("-3"), .number("4e2")]),
                ]))
        #expect(reading.records[1]["status"] == .text("CV") && reading.records[1]["minor_loss"] == .null)
        #expect(reading.records[1]["path"] == .null)
        #expect(reading.records[2]["tag"] == .text("east side") && reading.records[2]["demand"] == .null)
        #expect(reading.records[4]["x"] == .null)
        #expect(reading.records[5]["setting"] == .number("40"))
        #expect(reading.records[6]["setting"] == .text("7") && reading.records[6]["extra"] == .text("surplus words"))
        #expect(reading.records[7]["parameters"] == .text("HEAD 1 SPEED 1.2") && reading.records[7]["status"] == .text("Closed"))
        for record in reading.records { #expect(record.values.count == record.shape.names.count) }
    }

    @Test("Broken lines are refused with their line; everything else is read")
    func broken() throws {
        let text = """
            [JUNCTIONS]
            j1 ten
            j2
            j3 1
            j3 2
            [PIPES]
            p1 j3 j9 1 1 1
            p2 j3 j1 1 1 1
            p3 j3 j1 0 1 1
            p4 j3 j1 1 1 1 0 Ajar
            p5 j3 j3 1 1 1
            p6 j3
            "p7 j3 j1 1 1 1
            "p 8" j3 j1 1 1 1
            [VALVES]
            v1 j3 j1 1 XYZ 1
            v2 j3 j1 1 PRV high
            [TANKS]
            t1 1 2 3
            [COORDINATES]
            j9 1 1
            j3 x 1
            """
        let reading = try Reading(.inp, text)
        #expect(reading.records.map { $0["id"] } == [.text("j3"), .text("p2"), .text("p 8")])
        #expect(
            reading.refused == [
                "2 syntax", "3 ragged", "5 duplicate_key", "7 unknown_node", "9 syntax", "10 syntax", "11 syntax", "12 ragged", "13 syntax",
                "16 syntax",
                "17 syntax", "19 ragged", "21 unknown_node", "22 syntax",
            ])
    }

    @Test("An unknown flow unit leaves no unit rather than a wrong one")
    func unknownUnit() throws {
        let reading = try Reading(.inp, "[JUNCTIONS]\nj1 1\n[OPTIONS]\nUNITS FURLONGS\n")
        #expect(reading.refused == ["4 syntax"])
        #expect(reading.records.first?["flow_units"] == .null)
        #expect(try Reading(.inp, "[JUNCTIONS]\nj1 1\n").records.first?["flow_units"] == .text("GPM"))
    }

    @Test("What is no network at all is an error")
    func noNetwork() throws {
        for text in ["", "hello", "[TITLE]\nx\n"] { #expect(try Reading(.inp, text).error?.kind == .data) }
        #expect(try Reading(.inp, "[PIPES]\n").error == nil)
    }

    @Test("Undecodable bytes matter only where they are read")
    func undecodable() throws {
        let bytes = Array("[TITLE]\n".utf8) + [0xE9, 0x0A] + Array("[JUNCTIONS]\nj1 1 ;".utf8) + [0xE9] + Array("\nj2 2\n".utf8)
        let reading = try Reading(.inp, MemoryBytes(bytes))
        #expect(reading.refused == ["4 undecodable"])
        #expect(reading.records.count == 1)
        #expect(try Reading(.inp, TranscodedBytes(MemoryBytes(bytes), encoding: "latin1")).records.first?["comment"] == .text("é"))
    }
}
