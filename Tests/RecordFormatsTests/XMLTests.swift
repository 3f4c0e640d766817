import Foundation
import Testing
@testable import RecordFormats

@Suite struct XMLTests {
    private func read(_ text: String, record: String = "row", step: Int = .max, encoding: String? = nil) throws -> Reading {
        try Reading(.xml(record: record, encoding: encoding), text, step: step)
    }

    @Test(arguments: [1, 2, 3, 7, .max]) func attributesChildrenAndTextAreColumns(_ step: Int) throws {
        let reading = try read(
            """
            <?xml version="1.0" encoding="utf-8"?>
            <!-- a list -->
            <feed xmlns="urn:x" xmlns:g="urn:g">
              <row id="1"><name> 弄 &amp; 号 &#x41; </name><g:pos srs="4326">31.2 121.5</g:pos><empty/></row>
              <row id='2'><name><![CDATA[a < b]]></name><tag>x</tag><tag>y</tag><nil xsi:nil="true"/></row>
              <row/>
              <other><row id="3">text</row></other>
            </feed>
            """, step: step)
        #expect(reading.error == nil)
        #expect(reading.records.map { $0.shape.names } == [["@id", "name", "g:pos", "empty"], ["@id", "name", "tag", "nil"], [], ["@id", "#text"]])
        #expect(reading.records[0].values == [
            .text("1"), .text("弄 & 号 A"),
            .object([Member(name: "@srs", value: .text("4326")), Member(name: "#text", value: .text("31.2 121.5"))]), .text(""),
        ])
        #expect(reading.records[1].values == [.text("2"), .text("a < b"), .array([.text("x"), .text("y")]), .null])
        #expect(reading.lines == [4, 5, 6, 7])
        #expect(reading.raw[2] == Array("<row/>".utf8))
    }

    @Test func aPathFindsWhatANameWouldFindElsewhereToo() throws {
        let text = "<a><b><row n='1'/></b><row n='2'/><c><b><row n='3'/></b></c></a>"
        #expect(try read(text, record: "/a/b/row").rows == [["1"]])
        #expect(try read(text, record: "a/row").rows == [["2"]])
        #expect(try read(text).rows == [["1"], ["2"], ["3"]])
        #expect(try read("<x:a><x:row n='1'/></x:a>", record: "/a/row").rows == [["1"]])
        #expect(throws: FormatError.self) { try read(text, record: "/a//row") }
    }

    @Test(arguments: [1, 5, .max]) func aBrokenElementIsRefusedAlone(_ step: Int) throws {
        let good = "<row n='1'><v>a</v></row>"
        for (broken, rule) in [
            ("<row n='2'><v>a</row>", "syntax"), ("<row n='2'><v>&nothing;</v></row>", "syntax"), ("<row n='2' n='2'/>", "duplicate_key"),
            ("<row n='2'><v>&#0;</v></row>", "null_character"), ("<row n='2'><v>a</v>", "syntax"), ("<row n=2/>", "syntax"), ("<row n='2><v>a</v></row>", "syntax"),
        ] {
            let reading = try read("<rows>\n\(good)\n\(broken)\n\(good)\n</rows>", step: step)
            #expect(reading.error == nil, "\(broken)")
            #expect(reading.rows == [["1", "a"], ["1", "a"]], "\(broken)")
            #expect(reading.refused == ["3 \(rule)"], "\(broken)")
        }
        let bytes = Array("<rows><row><v>".utf8) + [0xC3, 0x28] + Array("</v></row>\(good)</rows>".utf8)
        let reading = try Reading(.xml(record: "row", encoding: nil), MemoryBytes(bytes, step: step))
        #expect(reading.refused == ["1 undecodable"] && reading.rows == [["1", "a"]])
    }

    @Test func aDocumentThatIsCutOffDoesNotPassForAWholeOne() throws {
        for text in ["", "<rows>", "<rows><row n='1'/>", "<rows><row n='1'/></row>", "<rows/><rows/>", "x<rows/>", "<rows><row n='1'/><!-- "] {
            #expect(try read(text).error?.kind == .data, "\(text)")
        }
        let cut = try read("<rows><row n='1'/><row n='2'><v>")
        #expect(cut.rows == [["1"]] && cut.refused == ["1 syntax"] && cut.error?.kind == .data)
    }

    /// "Billion laughs", and entities that name files.
    @Test func aDoctypeIsRefused() throws {
        let reading = try read("<!DOCTYPE rows [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><rows><row n='&b;'/></rows>")
        #expect(reading.records.isEmpty && reading.error?.kind == .data)
        #expect(reading.error?.what.contains("DOCTYPE") == true)
    }

    @Test func theDocumentSaysItsEncoding() throws {
        let text = "<?xml version=\"1.0\" encoding=\"gb2312\"?><rows><row n='上海'/></rows>"
        let gb18030 = try #require(gb2312(text))
        #expect(try Reading(.xml(record: "row", encoding: nil), MemoryBytes(gb18030)).rows == [["上海"]])
        #expect(try Reading(.xml(record: "row", encoding: "gb18030"), MemoryBytes(gb18030, step: 3)).rows == [["上海"]])
        let utf16 = try #require(text.data(using: .utf16))
        #expect(try Reading(.xml(record: "row", encoding: nil), MemoryBytes(Array(utf16))).rows == [["上海"]])
    }

    private func gb2312(_ text: String) -> [UInt8]? {
        // 上海 in GB 2312.
        let parts = text.split(separator: "上海", omittingEmptySubsequences: false)
        return parts.count == 2 ? Array(parts[0].utf8) + [0xC9, 0xCF, 0xBA, 0xA3] + Array(parts[1].utf8) : nil
    }

    @Test func memoryHoldsOneElement() throws {
        /// A document without end but for its count.
        final class Endless: ByteSource {
            var left = 200_000
            func read(upTo count: Int) -> [UInt8] {
                defer { left -= 1 }
                if left == 200_000 { return Array("<rows>".utf8) }
                return left > 0 ? Array("<row n='1'><v>value</v></row>\n".utf8) : left == 0 ? Array("</rows>".utf8) : []
            }
        }
        var reader = try makeReader(.xml(record: "row", encoding: nil), Endless())
        var count = 0
        while try reader.next() != nil { count += 1 }
        #expect(count == 199_999)
    }
}
