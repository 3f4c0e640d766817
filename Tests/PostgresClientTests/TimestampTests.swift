import Foundation
import PostgresClient
import Testing

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "Reads RFC 3339 and its shorter forms",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-01-01T00:00:00Z", 946_684_800_000_000), ("2024-05-01T12:00:03.25+08:00", 1_714_536_003_250_000),
            ("2024-05-01 04:00:03.250000+00", 1_714_536_003_250_000), ("2024-05-01T04:00Z", 1_714_536_000_000_000),
            ("1969-12-31T23:59:59.999999Z", -1), ("2024-02-29T24:00:00Z", 1_709_251_200_000_000), ("2024-05-01T12:00:00+0530", 1_714_545_000_000_000),
        ] as [(String, Int64)])
    func reads(text: String, expected: Int64) {
        #expect(Timestamp(iso8601: text)?.microseconds == expected)
    }

    @Test(
        "Refuses what is no moment",
        arguments: ["", "2024-05-01", "2024-05-01T12:00:00", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-05-01T25:00:00Z", "2024-05-01T12:00:00Zx", "2024-05-01T24:00:01Z"])
    func refuses(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test("Prints what it reads, like Foundation does, for moments from 1600 to 2400")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -11_676_096_000...13_569_465_600, using: &generator)
            let moment = Timestamp(microseconds: seconds * 1_000_000)
            #expect(moment.description == Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(style))
            let finer = Timestamp(microseconds: seconds * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &generator))
            #expect(Timestamp(iso8601: finer.description) == finer)
        }
    }
}
