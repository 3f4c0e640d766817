import Foundation
import Testing

@testable import AdapterKit

@Suite struct NameEncodingTests {
    private static let encoding = NameEncoding.forSamples

    private func bits(_ text: String) throws -> [UInt8] {
        let encoded = try #require(Self.encoding.encode(text))
        #expect(encoded.hasPrefix("clk1:"))
        let digits = Array(encoded.dropFirst(5))
        #expect(digits.count == 128)
        return try stride(from: 0, to: 128, by: 2).map { try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16)) }
    }

    /// Dice's coefficient.
    private func similarity(_ a: String, _ b: String) throws -> Double {
        let (left, right) = (try bits(a), try bits(b))
        let both = zip(left, right).reduce(0) { $0 + ($1.0 & $1.1).nonzeroBitCount }
        return 2 * Double(both) / Double((left + right).reduce(0) { $0 + $1.nonzeroBitCount })
    }

    @Test("Names that look or sound alike are near, others are not", arguments: [
        ("王小明", "王小铭", 0.55...0.95), ("王小明", "王明小", 0.6...0.95), ("王小明", "李国强", 0.0...0.35), ("mitchell", "mitchel", 0.75...0.99),
        ("mitchell", "green", 0.0...0.3),
    ])
    func alike(_ a: String, _ b: String, _ expected: ClosedRange<Double>) throws { #expect(expected.contains(try similarity(a, b))) }

    @Test("Case, width and punctuation make no difference", arguments: [("O'Brien", "OBRIEN"), ("ＡＢＣ", "abc"), ("王·小明", "王小明")])
    func plain(_ a: String, _ b: String) { #expect(Self.encoding.encode(a) == Self.encoding.encode(b)) }

    @Test("What has no letter has no encoding; another key gives another one")
    func keys() {
        #expect(Self.encoding.encode(" -- ") == nil)
        #expect(NameEncoding(key: [1, 2, 3]).encode("王伟") != Self.encoding.encode("王伟"))
    }

    @Test("A column that is to be encoded leaves the reader as its encoding")
    func protection() {
        let protection = Protection(.forSamples)
        #expect(protection.apply(.encode, to: .text("王伟")) == Self.encoding.encode("王伟").map { .text($0) })
        #expect(protection.apply(.encode, to: .text("")) == nil)
    }
}
