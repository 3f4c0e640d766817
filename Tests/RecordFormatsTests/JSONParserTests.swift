import RecordFormats
import Testing

@Suite("JSON values")
struct JSONParserTests {
    @Test("Every kind of value is read, numbers keep their digits")
    func kinds() throws {
        let value = try JSONParser.parse(
            " {\"a\":[1.50,-0,1E+2,12345678901234567890],\"b\":{\"c\":null},\"d\":true,\"e\":false,\"f\":\"\"} ")
        #expect(
            value
                == .object([
                    Member(name: "a", value: .array([.number("1.50"), .number("-0"), .number("1E+2"), .number("12345678901234567890")])),
                    Member(name: "b", value: .object([Member(name: "c", value: .null)])), Member(name: "d", value: .bool(true)),
                    Member(name: "e", value: .bool(false)), Member(name: "f", value: .text("")),
                ]))
    }

    @Test("Escapes and surrogate pairs")
    func escapes() throws {
        #expect(try JSONParser.parse(#""a\"\\\/\b\f\n\r\t\u4e2d\uD83D\uDE00é""#) == .text("a\"\\/\u{8}\u{c}\n\r\t中😀é"))
    }

    @Test(
        "What is no JSON is refused with its rule",
        arguments: [
            ("", "syntax"), ("{", "syntax"), ("[1,]", "syntax"), ("[1 2]", "syntax"), ("{\"a\" 1}", "syntax"), ("{a:1}", "syntax"),
            ("01", "syntax"),
            ("1.", "syntax"), (".5", "syntax"), ("+1", "syntax"), ("1e", "syntax"), ("-", "syntax"), ("NaN", "syntax"), ("nul", "syntax"),
            ("1 2", "syntax"), ("\"a", "syntax"), ("\"\\x\"", "syntax"), ("\"\\u12\"", "syntax"), ("\"a\nb\"", "syntax"), ("'a'", "syntax"),
            ("{\"a\":1,}", "syntax"), ("{\"a\":1,\"a\":2}", "duplicate_key"), ("{\"a\":1,\"\\u0061\":2}", "duplicate_key"),
            ("\"\\u0000\"", "null_character"), ("\"\0\"", "null_character"), ("\"\\uD800\"", "lone_surrogate"),
            ("\"\\uDC00\"", "lone_surrogate"),
            ("\"\\uD800\\u0041\"", "lone_surrogate"), ("\"\\uD800x\"", "lone_surrogate"), ("[}", "syntax"), ("]", "syntax"),
        ])
    func refused(_ text: String, _ rule: String) {
        let error = #expect(throws: FormatError.self) { try JSONParser.parse(text) }
        #expect(error?.rule == rule)
        #expect(error?.kind == .data)
    }

    @Test("Bytes that are not UTF-8 are refused, in plain and in escaped strings")
    func undecodable() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0xE4, 0xB8, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            let error = #expect(throws: FormatError.self) { try JSONParser.parse(bytes) }
            #expect(error?.rule == "undecodable")
        }
    }

    @Test("Nesting ends at the limit, not at the stack's")
    func depth() throws {
        let allowed = String(repeating: "[", count: Limits.depth) + String(repeating: "]", count: Limits.depth)
        _ = try JSONParser.parse(allowed)
        #expect(throws: FormatError.self) { try JSONParser.parse("[" + allowed + "]") }
        #expect(throws: FormatError.self) { try JSONParser.parse(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test("An object of many members is checked for repeated names in linear time")
    func manyMembers() throws {
        let members = (0..<50_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        _ = try JSONParser.parse("{\(members)}")
        let error = #expect(throws: FormatError.self) { try JSONParser.parse("{\(members),\"k7\":1}") }
        #expect(error?.rule == "duplicate_key")
    }

    @Test("Writing and reading again gives the same value")
    func roundTrip() throws {
        let text = #"{"a":[1.50,null,true,false,{}],"中\"\\\n\u0001":"é\t\u001f","e":[],"n":-1e-5}"#
        let value = try JSONParser.parse(text)
        #expect(String(decoding: JSONWriter.encode(value), as: UTF8.self) == text)
    }

    @Test("The writer places commas by itself")
    func writer() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("id", .number("7"))
        writer.name("list")
        writer.beginArray()
        writer.write(int: -3)
        writer.write(double: 1.5)
        writer.write(double: .nan)
        writer.write(json: Array("{\"x\":1}".utf8))
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.member("s", string: "\u{7}")
        writer.endObject()
        #expect(writer.text == #"{"id":7,"list":[-3,1.5,null,{"x":1},{}],"s":"\u0007"}"#)
        writer.removeAll()
        writer.write(.null)
        #expect(writer.text == "null")
    }

    @Test("Numbers of other spellings become JSON's, others stay as they are")
    func numbers() {
        let spellings = [
            "+5": "5", ".5": "0.5", "-.5": "-0.5", "5.": "5", "007": "7", "1.E3": "1e3", "-0": "-0", "1E5": "1E5", "00.10": "0.10",
            "1.50": "1.50",
        ]
        for (written, expected) in spellings { #expect(JSONNumber.normalised(written) == expected) }
        for bad in ["", "-", ".", "1e", "1x", "inf", "nan", "0x10", "1,5", "--1", "1 "] { #expect(JSONNumber.normalised(bad) == nil) }
    }
}
