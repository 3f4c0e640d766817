import EventLog
import Foundation
import PostgresClient
import Testing

@testable import DigitalTwin
@testable import Projections

/// Other names in addresses, and from when till when they are some.
@Suite struct AliasTests {
    private func us(_ time: String) -> Int64 { Timestamp(iso8601: time)?.microseconds ?? 0 }

    @Test(arguments: [
        ("烟台路", "浦建路", "上海市浦东新区烟台路12号3幢", "浦建路12号3幢"), ("东昌路10号", "东昌路12号", "东昌路10号601室", "东昌路12号601室"),
        ("四季新村", "浦东南路120弄", "四季新村3号601室", "浦东南路120弄3号601室"), ("四季新村", "浦东南路120弄", "浦东南路120弄四季新村3号", "浦东南路120弄3号"),
        ("旧苑", "新苑", "旧苑5幢", "新苑5幢"),
    ])
    func oneNameStandsForAnother(name: String, other: String, text: String, expected: String) throws {
        let parser = AddressParser(), rewritten = try #require(AddressAliases([AddressAlias(name: name, standsFor: other)]).rewritten(text, at: 0))
        let found = parser.parse(rewritten.text), wanted = parser.parse(expected)
        for part in AddressPart.allCases where ![.province, .city, .district].contains(part) { #expect(found[part] == wanted[part], "\(part)") }
        #expect(rewritten.applied.map(\.name) == [name])
    }

    @Test func whatTheTextSaysItselfGoesFirst() {
        let aliases = AddressAliases([AddressAlias(name: "四季新村", standsFor: "浦东南路120弄")])
        #expect(aliases.rewritten("昌里路5弄四季新村3号", at: 0) == nil)
        #expect(aliases.rewritten("四季新村东区3号", at: 0) == nil)
        #expect(AddressAliases([AddressAlias(name: "烟台路", standsFor: "烟台路")]).isEmpty)
    }

    @Test func chainsEndAndDatesDecide() {
        let aliases = AddressAliases([
            AddressAlias(name: "甲路", standsFor: "乙路", to_us: us("2010-01-01T00:00:00Z")), AddressAlias(name: "甲路", standsFor: "丙路", from_us: us("2010-01-01T00:00:00Z")),
            AddressAlias(name: "乙路", standsFor: "甲路"),
        ])
        let early = aliases.rewritten("甲路3号", at: us("2009-06-01T00:00:00Z")), late = aliases.rewritten("甲路3号", at: us("2011-06-01T00:00:00Z"))
        #expect(early?.text == "甲路3号" && early?.applied.count == 2)
        #expect(late?.text == "丙路3号")
    }

    @Test func aStewardsWordGoesBeforeADepartments() {
        let words = [AddressAlias(name: "甲路", standsFor: "乙路", position: 9), AddressAlias(name: "甲路", standsFor: "丙路", isStewards: true, position: 1)]
        #expect(AddressAliases(words).rewritten("甲路3号", at: 0)?.text == "丙路3号")
    }

    @Test func anAliasThatComesLaterJoinsAndItsWithdrawalParts() throws {
        let hub = try TestHub(), projector = try hub.projector()
        let kind = try #require(EntityKind.named("building"))
        let learned = Calibration(kind.rules, learningFrom: ClaimTable(kind.rules.attributes)), parameters = String(decoding: try JSONEncoder().encode(learned), as: UTF8.self)
        try hub.append("stewards", department: "hub", [
            NewEvent("resolver.calibrated", "resolver/building", #"{"entity_kind":"building","rules":"\#(kind.mark)","parameters":\#(parameters),"decided_by":"wang","reason":"test"}"#),
        ])
        func building(_ address: String) -> String { #"{"address":"\#(address)","floors":6}"# }
        try hub.append("police", [
            NewEvent("building.described", "building/1", at: "2012-01-01T00:00:00Z", building("浦建路12号")),
            NewEvent("building.described", "building/2", at: "2012-01-01T00:00:00Z", building("浦建路14号")),
        ])
        try hub.append("property", [
            NewEvent("building.described", "building/a", at: "2012-01-01T00:00:00Z", building("烟台路12号")),
            NewEvent("building.described", "building/old", at: "2001-01-01T00:00:00Z", building("烟台路14号")),
        ])
        func things() throws -> [String] { try hub.rows("SELECT entity_id, claim_id FROM twin.entity_claim WHERE kind = 'building' AND claim_id <> entity_id ORDER BY 1, 2") }
        func expect(_ expected: [String], _ comment: Comment) throws {
            _ = try projector.once()
            #expect(try things() == expected, comment)
            try projector.rebuild()
            #expect(try things() == expected, "rebuilt: \(comment.rawValue)")
        }
        try expect([], "nobody said that the roads are one")
        // Of a time before it was renamed it was another road.
        let alias = #"{"name":"烟台路","stands_for":"浦建路","valid_from":"2005-01-01T00:00:00Z"}"#
        try hub.append("stewards", department: "hub", [NewEvent("address.aliased", "alias/烟台路", alias)])
        try expect(["police:1|property:a"], "the alias came later")
        #expect(try hub.rows("SELECT name, stands_for FROM twin.alias") == ["烟台路|浦建路"])
        try hub.append("stewards", department: "hub", [NewEvent("address.unaliased", "alias/烟台路")])
        try expect([], "it was taken back")
    }
}
