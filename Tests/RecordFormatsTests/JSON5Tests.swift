import RecordFormats
import Testing

@Suite("JSON5")
struct JSON5Tests {
    private func parse(_ text: String) throws -> LocatedValue { try JSON5Parser.parse(text, file: "adapter.json5") }

    @Test("The specification's own example is read")
    func example() throws {
        let value = try parse(
            #"""
            {
              // comments
              unquoted: 'and you can quote me on that',
              singleQuotes: 'I can use "double quotes" here',
              lineBreaks: "Look, Mom! \
            No \\n's!",
              hexadecimal: 0xdecaf,
              leadingDecimalPoint: .8675309, andTrailing: 8675309.,
              positiveSign: +1,
              trailingComma: 'in objects', andIn: ['arrays',],
              "backwardsCompatible": "with JSON",
              /* 立案号 */ 中文$_1: -.5, esc\u0061ped: '\x41\v\'\u{4e2d}'.length
            }
            """#.replacing("'\\x41\\v\\'\\u{4e2d}'.length", with: "'\\x41\\v\\'\\u4e2d'"))
        #expect(value["unquoted"]?.string == "and you can quote me on that")
        #expect(value["lineBreaks"]?.string == "Look, Mom! No \\n's!")
        #expect(value["hexadecimal"]?.node == .number("912559"))
        #expect(value["leadingDecimalPoint"]?.node == .number("0.8675309"))
        #expect(value["andTrailing"]?.node == .number("8675309"))
        #expect(value["positiveSign"]?.node == .number("1"))
        #expect(value["andIn"]?.plain == .array([.text("arrays")]))
        #expect(value["中文$_1"]?.node == .number("-0.5"))
        #expect(value["escaped"]?.string == "A\u{B}'中")
    }

    @Test("Every value and key knows its line and column")
    func places() throws {
        let value = try parse("// 一\r\n{ a: 1,\r  '键' : [ true,\n\u{2028}null ] }")
        #expect(value.line == 2 && value.column == 1)
        let members = try #require(value.members)
        #expect(members[0].line == 2 && members[0].column == 3)
        #expect(members[0].value.line == 2 && members[0].value.column == 6)
        #expect(members[1].line == 3 && members[1].column == 3)
        #expect(members[1].value.elements?.last?.line == 5)
        #expect(members[1].value.elements?.last?.column == 1)
    }

    @Test("All of JSON is JSON5")
    func json() throws {
        let text = #"{"a":[1.5e3,-0,"\u4e2d\uD83D\uDE00\/"],"b":{"c":null}}"#
        #expect(try parse(text).plain == JSONParser.parse(text))
        #expect(try parse(" \u{FEFF}\u{A0}\u{3000}[]\u{2029}").elements?.isEmpty == true)
    }

    @Test(
        "Mistakes are named with their place",
        arguments: [
            ("", 1, 1), ("{a:1", 1, 1), ("{\n a:1\n b:2}", 3, 2), ("{a 1}", 1, 4), ("[1 2]", 1, 4), ("[,]", 1, 2), ("{,}", 1, 2),
            ("{a:}", 1, 4),
            ("{a:Infinity}", 1, 4), ("[-Infinity]", 1, 2), ("NaN", 1, 1), ("[+NaN]", 1, 2), ("010", 1, 1), ("0x", 1, 1), ("1e", 1, 1),
            ("5px", 1, 1),
            ("--1", 1, 1), ("'a\nb'", 1, 1), ("'abc", 1, 1), ("/* x", 1, 1), ("yes", 1, 1), ("{a:1,\na:2}", 2, 1), ("{} x", 1, 4),
            ("'\\1'", 1, 3),
            ("'\\0'", 1, 3), ("'\\xZ1'", 1, 4), ("@", 1, 1), ("{1a:2}", 1, 2), ("0x1FFFFFFFFFFFFFFFF", 1, 1), ("'\\uD800'", 1, 8),
            ("/", 1, 1),
        ])
    func mistakes(_ text: String, _ line: Int, _ column: Int) {
        let error = #expect(throws: FormatError.self) { try parse(text) }
        #expect(error?.file == "adapter.json5")
        #expect(error?.line == line, "\(text)")
        #expect(error?.column == column, "\(text)")
        #expect(error?.description.hasPrefix("adapter.json5:\(line):\(column): ") == true)
    }

    @Test("A repeated key says its name, nesting has a limit")
    func limits() {
        let error = #expect(throws: FormatError.self) { try parse("{mode: 1, 'mode': 2}") }
        #expect(error?.rule == "duplicate_key")
        #expect(error?.description == "adapter.json5:1:11: The key \"mode\" occurs twice in one object. Keep one of them.")
        #expect(throws: FormatError.self) { try parse(String(repeating: "[", count: 100_000)) }
    }
}
