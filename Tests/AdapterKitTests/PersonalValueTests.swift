import Foundation
import Testing
@testable import AdapterKit

/// Columns whose names say nothing, and whose values do.
@Suite struct PersonalValueTests {
    @Test(arguments: [
        // GB 11643's own example, and one with an X.
        ("11010519491231002X", "id_number"), ("11010519491231002x", "id_number"), ("440524188001010014", "id_number"),
        ("13812345678", "phone"), ("+86 138-1234-5678", "phone"), ("4111111111111111", "bank_card"),
        ("li.hong@example.cn", "email"), ("欧阳修", "name"), ("王小明", "name"),
        // A wrong check character, a month 13, a firm's code, a case number, an epoch, an EPSG code, a place.
        ("110105194912310021", nil), ("110105194913310026", nil), ("91310115MA1K35LX6F", nil), ("SH12345-20260000160", nil),
        ("1717405830000", nil), ("4326", nil), ("陆家嘴路", nil), ("4111111111111112", nil), ("02154321234", nil),
    ] as [(String, String?)])
    func aValue(_ text: String, _ family: String?) {
        // A road may begin with a surname: what counts is how many values do, and how many of them differ.
        let found = PersonalValues.family(of: text)
        #expect(found == family || (family == nil && found == "name"), "\(text): \(found ?? "nothing")")
    }

    private func check(_ column: String, _ values: [String], _ personal: String = "") throws -> [String] {
        let folder = try SourceFolder(manifestText(
            "{ name: 's', mode: 'append', \(personal) ignore: [\(personal.isEmpty ? "'\(column)'" : "")], facts: [{ event: 'case.received', subject: 'case/{id}' }] }"))
        try folder.write("id,\(column)\n" + values.enumerated().map { "\($0),\($1)" }.joined(separator: "\n") + "\n", to: "samples/a.csv")
        return AdapterCheck.run(folder: folder.path).filter { $0.severity == .error && $0.message.contains("looks personal") }.map(\.message)
    }

    @Test func columnsAreFoundByTheirValues() throws {
        let numbers = ["11010519491231002X", "440524188001010014", "-"]
        #expect(try check("reference", numbers).map { $0.contains("\"reference\" looks personal (id_number, by its values)") } == [true])
        #expect(try check("reference", ["13812345678", "13912345678", "n/a", "15012345678"]).count == 1)
        #expect(try check("account", ["4111111111111111", "5500000000000004", "4012888888881881"]).count == 1)
        let people = ["王小明", "李小红", "张伟", "刘洋", "陈静", "杨帆", "黄磊", "赵敏", "吴刚", "周杰", "徐静"]
        #expect(try check("对象", people).count == 1)
        // Few words over and over, few hits among many, and what is declared.
        #expect(try check("对象", Array(repeating: "高龄", count: 20)) == [])
        #expect(try check("reference", ["13812345678"] + (0..<9).map { "R\($0)" }) == [])
        #expect(try check("reference", numbers, "personal: { reference: 'drop' },") == [])
    }
}
