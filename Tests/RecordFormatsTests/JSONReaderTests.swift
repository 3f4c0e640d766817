import RecordFormats
import Testing

@Suite("NDJSON, JSON arrays and GeoJSON")
struct JSONReaderTests {
    @Test("NDJSON: a bad line refuses only that line", arguments: [1, 3, 1000])
    func ndjson(step: Int) throws {
        let reading = try Reading(
            .ndjson, "\u{FEFF}{\"a\":1}\r\n\n{\"a\":}\n[1]\n{\"a\":\"\\u0000\"}\n{\"a\":1,\"a\":2}\n {\"b\":\"x\"} ", step: step)
        #expect(reading.rows == [["1"], ["x"]])
        #expect(reading.lines == [1, 7])
        #expect(reading.refused == ["3 syntax", "4 syntax", "5 null_character", "6 duplicate_key"])
        #expect(reading.columns == ["b"])
    }

    @Test("Records of the same members share one shape")
    func shapes() throws {
        let reading = try Reading(.ndjson, "{\"a\":1,\"b\":2}\n{\"a\":1}\n{\"a\":3,\"b\":4}\n")
        #expect(reading.records[0].shape === reading.records[2].shape)
        #expect(reading.records[1].shape !== reading.records[0].shape)
    }

    @Test("JSON: the elements at the pointer, with their lines", arguments: [1, 2, 1000])
    func array(step: Int) throws {
        let text =
            "{\n\"meta\":{\"x\":[\"}\\\"]\"]},\n\"a/b\":[0,{\"rows\":\n[{\"id\":1},\n\n{\"id\":2,\n\"s\":\"]},\"} ]}],\"tail\":[{}]}\n"
        let reading = try Reading(.json(records: "/a~1b/1/rows"), text, step: step)
        #expect(reading.error == nil)
        #expect(reading.records.map { $0["id"] } == [.number("1"), .number("2")])
        #expect(reading.lines == [4, 6])
        #expect(try Reading(.json(records: ""), "[ ]", step: step).raw.isEmpty)
        #expect(try Reading(.json(records: "/one"), "{\"one\":{\"id\":9}}", step: step).rows == [["9"]])
    }

    @Test("JSON: every member of an object, its name as the column $key", arguments: [1, 1000])
    func members(step: Int) throws {
        let reading = try Reading(.json(records: "/o/*"), "{\"o\":{\"x\": {\"a\":1},\n\"y\":2,\"z\":{\"a\":3}},\"p\":1}", step: step)
        #expect(reading.error == nil)
        #expect(reading.rows == [["1", "x"], ["3", "z"]])
        #expect(reading.columns == ["a", "$key"])
        #expect(reading.refused == ["2 syntax"])
        #expect(reading.records.first?.raw == Array("\"x\":{\"a\":1}".utf8))
        #expect(try Reading(.json(records: "/*"), "[{\"a\":1}]", step: step).rows == [["1"]])
        #expect(try Reading(.json(records: "/*"), "{\"x\":{\"a\":1}", step: step).error?.kind == .data)
    }

    @Test("JSON: a broken element refuses only itself", arguments: [1, 1000])
    func brokenElement(step: Int) throws {
        let reading = try Reading(.json(records: ""), "[{\"a\":1},\n{\"a\":x},\n5,\n\"s]\",{\"a\":2} {\"a\":3},,{\"a\":4},]", step: step)
        #expect(reading.error == nil)
        #expect(reading.rows == [["1"], ["2"], ["4"]])
        #expect(reading.refused == ["2 syntax", "3 syntax", "4 syntax", "4 syntax", "4 syntax", "4 syntax"])
    }

    @Test(
        "JSON: a document that was cut off or has another form is an error",
        arguments: [
            "", "[", "[{\"a\":1}", "[{\"a\":1},", "[{\"a\":1},{\"a\"", "[{\"a\":1}] x", "5", "{\"a\":[]}", "{\"r\":5}", "{\"r\":[{}]",
            "{\"r\" [", "{}", "nope",
        ])
    func cutOff(_ text: String) throws {
        for step in [1, 1000] {
            let pointer = text.hasPrefix("{") ? "/r" : ""
            let reading = try Reading(.json(records: pointer), text, step: step)
            #expect(reading.error?.kind == .data, "\(text)")
        }
    }

    @Test("JSON: a pointer must begin with a slash")
    func pointer() {
        let error = #expect(throws: FormatError.self) { try makeReader(.json(records: "rows"), MemoryBytes("[]")) }
        #expect(error?.kind == .configuration)
    }

    @Test("JSON: an element beyond the limit is skipped in flat memory")
    func longElement() throws {
        let long = "{\"a\":\"" + String(repeating: "x", count: Limits.recordBytes + 10) + "\"}"
        let reading = try Reading(.json(records: ""), "[{\"a\":1},\(long),\n{\"a\":2}]")
        #expect(reading.rows == [["1"], ["2"]])
        #expect(reading.refused == ["1 too_long"])
        #expect(reading.refusals.first?.byteCount == long.utf8.count)
        #expect(reading.lines == [1, 2])
    }

    @Test("GeoJSON: properties, geometry with its digits, and the feature's id")
    func geojson() throws {
        let text = """
            {"type":"FeatureCollection","crs":null,"features":[
            {"type":"Feature","id":7,"properties":{"name":"塔","geometry":1},"geometry":{"type":"Point","coordinates":[121.50,31.2]}},
            {"type":"Feature","properties":null,"geometry":null},
            {"type":"Point","coordinates":[1,2]},
            {"type":"Feature","properties":{"$id":"x"},"geometry":null,"id":"a"}
            ]}
            """
        let reading = try Reading(.geojson, text)
        #expect(reading.error == nil)
        #expect(reading.refused == ["4 syntax"])
        #expect(reading.lines == [2, 3, 5])
        let first = try #require(reading.records.first)
        #expect(first["$id"] == .number("7"))
        #expect(first["name"] == .text("塔"))
        #expect(first["properties.geometry"] == .number("1"))
        #expect(first["geometry.coordinates"] == .array([.number("121.50"), .number("31.2")]))
        #expect(reading.records[1].shape.names == ["geometry", "$id"])
        #expect(reading.records[2]["properties.$id"] == .text("x"))
        #expect(try Reading(.geojson, "{\"type\":\"Feature\"}").error?.kind == .data)
    }
}
