import Testing
@testable import AdapterKit
import RecordFormats

@Suite struct ConversionTests {
    private func check(_ expression: String, _ cell: String, _ expected: String) throws {
        #expect(try mapped(expression, [("c", cell)]) == .success(expected), "\(expression) of \(cell)")
    }

    private func refuses(_ expression: String, _ cell: String, _ message: String, rule: String = "type") throws {
        #expect(try mapped(expression, [("c", cell)]) == .failure(Refused(rule: rule, message: message, piece: 0)), "\(expression) of \(cell)")
    }

    @Test func textStaysAsItIs() throws {
        try check("\"c\"", " 陆家嘴 ", "\" 陆家嘴 \"")
        try check("{ from: 'c', type: 'text' }", "007", "\"007\"")
        #expect(try mapped("{ from: 'c', type: 'text' }", [("c", Value.number("1.50"))]) == .success("\"1.50\""))
        #expect(try mapped("\"c\"", [("c", Value.number("1.50"))]) == .success("1.50"))
    }

    @Test(arguments: ["", "  ", "\u{3000}\t"]) func blankIsMissing(_ cell: String) throws {
        try check("\"c\"", cell, "missing")
        try check("{ from: 'c', type: 'integer' }", cell, "missing")
    }

    @Test func integers() throws {
        let whole = "{ from: 'c', type: 'integer' }"
        try check(whole, "42", "42")
        try check(whole, " -7 ", "-7")
        try check(whole, "007", "7")
        try check(whole, "+7", "7")
        try check(whole, "12345678901234567890123", "12345678901234567890123")
        try refuses(whole, "12.5", "Column \"c\" is not an integer: it has the shape \"99.9\".")
        try refuses(whole, "2312户", "Column \"c\" is not an integer: it has the shape \"9999字\".")
        try refuses(whole, "-", "Column \"c\" is not an integer: it has the shape \"-\".")
    }

    @Test func decimalsKeepTheirDigits() throws {
        let decimal = "{ from: 'c', type: 'decimal' }"
        for digits in ["1.10", "0.0", "-3.1400", "12", "1e3", "100000000000000000000.000000000000000000001"] { try check(decimal, digits, digits) }
        try check(decimal, ".5", "0.5")
        try check(decimal, "5.", "5")
        try check(decimal, "+1.50", "1.50")
        try check(decimal, "007.50", "7.50")
        try refuses(decimal, "1,234.5", "Column \"c\" is not a decimal number: it has the shape \"9,999.9\".")
        try refuses(decimal, "NaN", "Column \"c\" is not a decimal number: it has the shape \"AAA\".")
        try refuses(decimal, "1.2.3", "Column \"c\" is not a decimal number: it has the shape \"9.9.9\".")
    }

    @Test func booleans() throws {
        let flag = "{ from: 'c', type: 'boolean' }"
        for word in ["true", "T", "Yes", "1", "是", "有"] { try check(flag, word, "true") }
        for word in ["false", "N", "no", "0", "否", "无"] { try check(flag, word, "false") }
        try refuses(flag, "perhaps", "Column \"c\" is not a boolean: it has the shape \"AAAAAAA\".")
    }

    @Test func dates() throws {
        try check("{ from: 'c', type: 'date' }", "2024-02-29", "\"2024-02-29\"")
        try check("{ from: 'c', type: 'date', format: 'yyyy年M月d日' }", "2024年5月1日", "\"2024-05-01\"")
        try check("{ from: 'c', type: 'date', format: 'yyyyMMdd' }", "20240501", "\"2024-05-01\"")
        try check("{ from: 'c', type: 'date', format: 'dd/MM/yy' }", "06/02/69", "\"1969-02-06\"")
        try refuses("{ from: 'c', type: 'date' }", "2023-02-29", "Column \"c\" is not a date of the form \"iso8601\": it has the shape \"9999-99-99\".")
    }

    @Test func datetimes() throws {
        let shanghai = "{ from: 'c', type: 'datetime', format: 'yyyy-MM-dd HH:mm:ss', zone: 'Asia/Shanghai' }"
        try check(shanghai, "2024-05-01 12:00:03", "\"2024-05-01T12:00:03+08:00\"")
        // China had summer time until 1991.
        try check(shanghai, "1990-07-01 12:00:00", "\"1990-07-01T12:00:00+09:00\"")
        try refuses(
            shanghai, "2024/05/01 12:00", "Column \"c\" is not a datetime of the form \"yyyy-MM-dd HH:mm:ss\": it has the shape \"9999/99/99 99:99\".")
        try refuses(
            shanghai, "2024-05-01 25:00:00",
            "Column \"c\" is not a datetime of the form \"yyyy-MM-dd HH:mm:ss\": it has the shape \"9999-99-99 99:99:99\".")
        let newYork = "{ from: 'c', type: 'datetime', format: 'MM/dd/yyyy hh:mm:ss a', zone: 'America/New_York' }"
        try check(newYork, "05/01/2022 12:00:03 AM", "\"2022-05-01T00:00:03-04:00\"")
        try check(newYork, "12/01/2022 12:30:00 PM", "\"2022-12-01T12:30:00-05:00\"")
        // Twice: the first one. Skipped: the offset before the change.
        try check(newYork, "11/06/2022 01:30:00 AM", "\"2022-11-06T01:30:00-04:00\"")
        try check(newYork, "03/13/2022 02:30:00 AM", "\"2022-03-13T02:30:00-05:00\"")
        try check("{ from: 'c', type: 'datetime', format: \"dd/MM/yy HH\", zone: 'UTC' }", "06/01/14 05", "\"2014-01-06T05:00:00Z\"")
        try check("{ from: 'c', type: 'datetime', format: \"yyyyMMdd'T'HHmmssSSS\", zone: '+08:00' }", "20240501T120003250", "\"2024-05-01T12:00:03.25+08:00\"")
        try check("{ from: 'c', type: 'datetime', format: 'd MMM yyyy h:mm a', zone: 'UTC' }", "3 mar 2024 1:05 下午", "\"2024-03-03T13:05:00Z\"")
    }

    @Test func isoDatetimes() throws {
        let iso = "{ from: 'c', type: 'datetime' }"
        try check(iso, "2022-03-20T11:00:00+01:00", "\"2022-03-20T11:00:00+01:00\"")
        try check(iso, "2014-10-04 18:30:00+00:00", "\"2014-10-04T18:30:00Z\"")
        try check(iso, "2014-10-04 18:30:00.120+00", "\"2014-10-04T18:30:00.12Z\"")
        try refuses(iso, "2014-10-04 18:30:00", "Column \"c\" names no zone, and the manifest declares none: it has the shape \"9999-99-99 99:99:99\".")
        try check("{ from: 'c', type: 'datetime', zone: 'Asia/Tokyo' }", "2014-10-04 18:30", "\"2014-10-04T18:30:00+09:00\"")
        try check("{ from: 'c', type: 'datetime', format: 'epoch_s' }", "1700000000.5", "\"2023-11-14T22:13:20.5Z\"")
        try check("{ from: 'c', type: 'datetime', format: 'epoch_ms' }", "1700000000123", "\"2023-11-14T22:13:20.123Z\"")
    }

    @Test func maps() throws {
        let map = "{ from: 'c', map: { '电信诈骗': 'fraud', 'x': null, '1': true } }"
        try check(map, " 电信诈骗 ", "\"fraud\"")
        try check(map, "x", "missing")
        try check(map, "1", "true")
        try check(map, "other", "\"other\"")
        try check("{ from: 'c', map: { a: 'b' }, otherwise: 'null' }", "z", "missing")
        try refuses(
            "{ from: 'c', map: { a: 'b' }, otherwise: 'quarantine' }", "z9", "Column \"c\" has a value that its map does not know: it has the shape \"A9\".",
            rule: "map")
    }

    @Test func otherwise() throws {
        try check("{ from: 'c', type: 'integer', otherwise: 'keep' }", "2312户", "\"2312户\"")
        try check("{ from: 'c', type: 'integer', otherwise: 'null' }", "2312户", "missing")
        try check("{ from: 'c', type: 'integer', null: ['暂无资料', '-'] }", " 暂无资料 ", "missing")
        #expect(try mapped("{ from: 'c', type: 'integer' }", [("c", "x")], stream: "contract: { types: 'null' },") == .success("missing"))
        #expect(try mapped("{ from: 'c', type: 'integer' }", [("c", "NA")], stream: "null: ['NA'],") == .success("missing"))
    }

    @Test func geometries() throws {
        let point = Value.object([Member(name: "type", value: .text("Point")), Member(name: "coordinates", value: .array([.number("121.50"), .number("31.2")]))])
        #expect(try mapped("{ from: 'g', type: 'geometry' }", [("g", point)]) == .success(#"{"type":"Point","coordinates":[121.50,31.2]}"#))
        #expect(try mapped("{ from: 'g', type: 'geometry', only: ['Polygon'] }", [("g", point)]) == .success("missing"))
        try check("{ from: 'c', type: 'geometry' }", #"{"type":"Point","coordinates":[1,2]}"#, #"{"type":"Point","coordinates":[1,2]}"#)
        try refuses("{ from: 'c', type: 'geometry' }", "here", "Column \"c\" is not a GeoJSON geometry: it has the shape \"AAAA\".")
        try check("{ from: 'c', type: 'json' }", "[1.0, null]", "[1.0,null]")
    }

    @Test func combinations() throws {
        let columns = [("lon", "121.50"), ("lat", "31.2"), ("a", "弄"), ("b", ""), ("zero", "0.0")]
        func value(_ expression: String) throws -> String { try mapped(expression, columns).get() }
        #expect(try value("{ point: ['lon', 'lat'] }") == #"{"type":"Point","coordinates":[121.50,31.2]}"#)
        #expect(try value("{ point: ['lon', 'b'] }") == "missing")
        #expect(try value("{ point: ['zero', 'zero'] }") == "missing")
        #expect(try value("{ template: '{{{a}}}12号' }") == "\"{弄}12号\"")
        #expect(try value("{ template: '{a}{b}' }") == "missing")
        #expect(try value("{ first: ['b', 'a'] }") == "\"弄\"")
        #expect(try value("{ array: ['a', 'b', { const: 1.0 }] }") == "[\"弄\",1.0]")
        #expect(try value("{ object: { k: { const: 'x' }, v: 'a', w: 'b' } }") == "{\"k\":\"x\",\"v\":\"弄\"}")
        #expect(try value("{ object: { k: { const: 'x' }, w: 'b' } }") == "missing")
        #expect(try value("{ const: { deep: [1, true, null] } }") == "{\"deep\":[1,true,null]}")
    }

    @Test func dotsLeadIntoObjects() throws {
        let object = Value.object([Member(name: "b", value: .object([Member(name: "c", value: .number("7"))]))])
        #expect(try mapped("\"a.b.c\"", [("a", object)]) == .success("7"))
        #expect(try mapped("\"a.b.x\"", [("a", object)]) == .success("missing"))
        #expect(try mapped("\"a.b\"", [("a.b", Value.text("literal"))]) == .success("\"literal\""))
    }
}

