import Foundation
import RecordFormats
import Testing
@testable import AdapterKit

@Suite struct ShapingTests {
    private func check(_ expression: String, _ cell: String, _ expected: String) throws {
        #expect(try mapped(expression, [("c", cell)]) == .success(expected), "\(expression) of \(cell)")
    }

    private func refuses(_ expression: String, _ cell: String, _ message: String, rule: String) throws {
        #expect(try mapped(expression, [("c", cell)]) == .failure(Refused(rule: rule, message: message, piece: 0)), "\(expression) of \(cell)")
    }

    @Test func unitsAreCheckedAndTakenAway() throws {
        let homes = "{ from: 'c', type: 'integer', unit: '户', null: ['暂无资料'] }"
        try check(homes, "2312户", "2312")
        try check(homes, " 2312 户 ", "2312")
        try check(homes, "２３１２户", "2312")
        try check(homes, "暂无资料", "missing")
        try refuses(homes, "2312", "Column \"c\" has none of the declared units (\"户\"): it has the shape \"9999\".", rule: "unit")
        try refuses(homes, "2312栋", "Column \"c\" has none of the declared units (\"户\"): it has the shape \"9999字\".", rule: "unit")
        try refuses(homes, "约2312户", "Column \"c\" is not an integer: it has the shape \"字9999字\".", rule: "type")
        try refuses(homes, "户", "Column \"c\" has none of the declared units (\"户\"): it has the shape \"字\".", rule: "unit")
        try check("{ from: 'c', type: 'decimal', unit: ['元/平米/月', '元'] }", "1.95元/平米/月", "1.95")
        try check("{ from: 'c', type: 'decimal', unit: ['元/平米/月', '元'] }", "1.950元", "1.950")
        try check("{ from: 'c', type: 'decimal', unit: ['¥'] }", "¥ 12.50", "12.50")
        try check("{ from: 'c', type: 'integer', unit: ['户', ''] }", "17", "17")
        #expect(try mapped("{ from: 'c', type: 'integer', unit: ['户', ''] }", [("c", Value.number("17"))]) == .success("17"))
    }

    @Test func factorsAreMultipliedExactly() throws {
        let metres = "{ from: 'c', type: 'decimal', unit: { m: 1, cm: 0.01, mm: 0.001, km: 1000 } }"
        try check(metres, "1.10m", "1.10")
        try check(metres, "110 cm", "1.1")
        try check(metres, "0.1mm", "0.0001")
        try check(metres, "-3km", "-3000")
        try check("{ from: 'c', type: 'integer', unit: { '万元': 10000, '元': 1 } }", "1.2万元", "12000")
        try refuses("{ from: 'c', type: 'integer', unit: { '万元': 10000 } }", "1.23456万元", "Column \"c\" is not an integer: it has the shape \"9.99999字字\".", rule: "type")
        try refuses(metres, String(repeating: "7", count: 45) + "cm", "Column \"c\" has more digits than can be multiplied exactly: it has the shape \"\(String(repeating: "9", count: 24))…\".", rule: "type")
    }

    @Test func separatorsBetweenThousands() throws {
        let number = "{ from: 'c', type: 'decimal', thousands: ',' }"
        for (cell, digits) in [("1,234.50", "1234.50"), ("12,345,678", "12345678"), ("-1,234", "-1234"), ("999", "999"), ("0.5", "0.5"), ("1234", "1234")] {
            try check(number, cell, digits)
        }
        for cell in ["12,34", "1,2345", ",123", "1,,234", "1,234,5"] {
            try refuses(number, cell, "Column \"c\" is not a decimal number: it has \(shape(of: .text(cell))).", rule: "type")
        }
        try check("{ from: 'c', type: 'decimal', thousands: '.', decimal_mark: ',' }", "1.234,50", "1234.50")
        try check("{ from: 'c', type: 'decimal', thousands: ' ', unit: 'm²' }", "1 234 m²", "1234")
        try refuses("{ from: 'c', type: 'decimal', decimal_mark: ',' }", "1.5", "Column \"c\" is not a decimal number: it has the shape \"9.9\".", rule: "type")
    }

    @Test func patternsCaptureAndAreBounded() throws {
        let low = "{ from: 'c', match: '^([0-9.]+)至[0-9.]+元$', type: 'decimal' }"
        try check(low, "3.3至80元", "3.3")
        try refuses(low, "3.3元", "Column \"c\" does not match ^([0-9.]+)至[0-9.]+元$: it has the shape \"9.9字\".", rule: "match")
        try check("{ from: 'c', match: '^([0-9.]+)至[0-9.]+元$', type: 'decimal', otherwise: 'null' }", "3.3元", "missing")
        try check("{ from: 'c', match: '[0-9]+' }", "渐美里1到120号", "\"1\"")
        try check("{ from: 'c', match: '^([A-Z])_', map: { L: 'level' } }", "L_T1", "\"level\"")
        // Exponential for a matcher that goes back: it ends, and says so.
        try refuses(
            "{ from: 'c', match: '^(?:a+)+$' }", String(repeating: "a", count: 5000) + "!",
            "Column \"c\" is too long, or too hard, for ^(?:a+)+$: it has the shape \"\(String(repeating: "A", count: 24))…\".", rule: "match")
        #expect(mistake(in: manifestText("{ name: 's', mode: 'append', facts: [{ event: 'case.received', subject: 'case/1', payload: { note: { from: 'c', match: '(a' } } }] }"))?.message
            == "\"match\" is no regular expression.")
    }

    @Test func textsAreSplitAndJoined() throws {
        try check("{ from: 'c', split: [',', '、'], type: 'integer' }", "1, 2、3,", "[1,2,3]")
        try check("{ from: 'c', split: '/', at: 0 }", "a / b", "\"a\"")
        try check("{ from: 'c', split: '/', at: -1 }", "a / b", "\"b\"")
        try check("{ from: 'c', split: '/', at: 2 }", "a / b", "missing")
        #expect(try mapped("{ join: ['a', 'b', 'c'], with: '、' }", [("a", "1"), ("b", ""), ("c", "3")]) == .success("\"1、3\""))
        #expect(try mapped("{ join: { from: 'a', split: ',' }, with: '|' }", [("a", "x, y")]) == .success("\"x|y\""))
        #expect(try mapped("{ join: ['a'] }", [("a", "")]) == .success("missing"))
        #expect(try mapped("{ join: ['a'] }", [("a", Value.object([]))]) == .failure(Refused(rule: "type", message: "A value cannot be joined to a text: it is a value of the kind object.")))
    }

    @Test func missingValuesHaveDefaults() throws {
        try check("{ from: 'c', default: 'unknown' }", "", "\"unknown\"")
        try check("{ from: 'c', type: 'integer', null: ['NA'], default: 0 }", "NA", "0")
        try check("{ from: 'c', default: 'unknown' }", "x", "\"x\"")
    }

    @Test func partsOfADateFormOneTime() throws {
        let time = "{ from: { template: '{y}-{m}-{d} {h}' }, type: 'datetime', format: 'yyyy-M-d H', zone: 'Asia/Shanghai' }"
        let columns = [("y", "2013"), ("m", "3"), ("d", "1"), ("h", "0")]
        #expect(try mapped(time, columns) == .success("\"2013-03-01T00:00:00+08:00\""))
        #expect(try mapped(time, Array(columns.dropLast()) + [("h", "")]) == .success("missing"))
        #expect(try mapped(time, Array(columns.dropLast()) + [("h", "25")]) == .failure(
            Refused(rule: "type", message: "Column \"y, m, d, h\" is not a datetime of the form \"yyyy-M-d H\": it has the shape \"9999-9-9 99\".")))
    }

    @Test func datesSayNoMoreThanIsKnown() throws {
        try check("{ from: 'c', type: 'date', format: 'yyyy-MM' }", "2016-07", "\"2016-07\"")
        try check("{ from: 'c', type: 'date', format: 'yyyy年' }", "1998年", "\"1998\"")
        try check("{ from: 'c', type: 'year' }", "1998年", "1998")
        try check("{ from: 'c', type: 'year' }", "1998", "1998")
        try refuses("{ from: 'c', type: 'year' }", "98", "Column \"c\" is not a year of four digits: it has the shape \"99\".", rule: "type")
        func moment(_ more: String) throws -> String {
            let text = manifestText(
                "{ name: 's', mode: 'append', facts: [{ event: 'case.received', subject: 'case/1', occurred_at: { from: 'm', type: 'date', format: 'yyyy-MM', zone: 'UTC' \(more) } }] }")
            if let mistake = mistake(in: text) { return mistake.message }
            let mapper = try FactMapper(try Manifest.parse(text, file: "f", folder: "/none").streams[0], protection: Protection(.forSamples))
            mapper.columns.load(Record(shape: RecordShape(names: ["m"]), values: [.text("2016-12")], line: 1, raw: []))
            var facts: [FactMapper.Mapped] = []
            try mapper.mapLoaded(into: &facts)
            return facts[0].event?.occurredAt?.description ?? "missing"
        }
        #expect(try moment("") == "A month or a year is no moment: occurred_at needs \"period\".")
        #expect(try moment(", period: 'start'") == "2016-12-01T00:00:00Z")
        #expect(try moment(", period: 'end'") == "2016-12-31T23:59:59.999999Z")
    }

    @Test func coordinatesNameTheirReferenceSystem() throws {
        let pair = "{ point: { from: 'c', split: ',' }, crs: 'BD-09' }"
        try check(pair, "121.480,31.2400", #"{"type":"Point","coordinates":[121.480,31.2400],"crs":"BD-09"}"#)
        try check(pair, ",", "missing")
        try check("{ point: { from: 'c', split: ',' }, order: 'lat,lon' }", "31.2,121.4", #"{"type":"Point","coordinates":[121.4,31.2]}"#)
        #expect(try mapped(pair, [("c", "1,2,3")]) == .failure(Refused(rule: "type", message: "A point needs two numbers, not 3.")))
        #expect(try mapped(pair, [("c", "31.2,121.4")]) == .failure(
            Refused(rule: "type", message: "The point is outside of the earth's degrees: longitude goes to 180, latitude to 90.")))
        #expect(try mapped("{ point: ['x', 'y'], crs: 'epsg:2437' }", [("x", "361000.5"), ("y", "3456000")]) == .success(
            #"{"type":"Point","coordinates":[361000.5,3456000],"crs":"EPSG:2437"}"#))
        #expect(try mapped("{ point: ['x', 'y'], crs: 'epsg:2437' }", [("x", "0"), ("y", "0.0")]) == .success("missing"))
        #expect(try mapped("{ point: ['x', 'y'], crs: 'local:drawing' }", [("x", "0"), ("y", "0.0")]) == .success(
            #"{"type":"Point","coordinates":[0,0.0],"crs":"local:drawing"}"#))
        #expect(try mapped("{ point: ['x', 'y'], crs: 'CGCS2000' }", [("x", "121.5"), ("y", "31")]) == .success(#"{"type":"Point","coordinates":[121.5,31]}"#))
        try check("{ from: 'c', type: 'geometry', crs: 'GCJ-02' }", #"{"type":"Point","coordinates":[1,2]}"#, #"{"type":"Point","coordinates":[1,2],"crs":"GCJ-02"}"#)
        let wrong = mistake(in: manifestText("{ name: 's', mode: 'append', facts: [{ event: 'case.received', subject: 'case/1', payload: { location: { point: ['x', 'y'], crs: 'GJC02' } } }] }"))
        #expect(wrong?.message == "\"GJC02\" is not a reference system.")
    }
}
