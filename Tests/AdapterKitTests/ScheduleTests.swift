import Foundation
import Testing
@testable import AdapterKit

@Suite struct ScheduleTests {
    private static let shanghai = "Asia/Shanghai"
    private static let berlin = "Europe/Berlin"

    private static func moment(_ text: String) throws -> Int64 {
        let date = try Date(text, strategy: .iso8601)
        return Int64(date.timeIntervalSince1970)
    }

    private static func next(_ text: String, after: String, zone: String) throws -> String? {
        let zone = try #require(Zones.named(zone))
        return try CronExpression(text).next(after: moment(after), in: zone).map {
            Date(timeIntervalSince1970: Double($0)).formatted(.iso8601)
        }
    }

    @Test(arguments: [
        ("*/10 * * * *", "2026-11-25T16:42:09Z", "UTC", "2026-11-25T16:50:00Z"),
        ("*/10 * * * *", "2026-11-25T16:50:00Z", "UTC", "2026-11-25T17:00:00Z"),
        ("30 2 * * *", "2026-11-25T16:42:09Z", shanghai, "2026-11-25T18:30:00Z"),
        ("0 8-18/5 * * mon-fri", "2026-11-27T19:00:00Z", "UTC", "2026-11-30T08:00:00Z"),
        ("0 0 29 feb *", "2026-11-25T00:00:00Z", "UTC", "2028-02-29T00:00:00Z"),
        // Where both days are restricted one of them is enough: the 13th, or a Friday.
        ("0 0 13 * fri", "2026-11-25T00:00:00Z", "UTC", "2026-11-27T00:00:00Z"),
        ("0 0 * * 7", "2026-11-25T00:00:00Z", "UTC", "2026-11-29T00:00:00Z"),
        ("15,45 6 1 1,7 *", "2026-11-25T00:00:00Z", "UTC", "2027-01-01T06:15:00Z"),
        // 2026-03-29 02:00 → 03:00 in Berlin: 02:30 is skipped, and read with the offset before.
        ("30 2 * * *", "2026-03-28T12:00:00Z", berlin, "2026-03-29T01:30:00Z"),
        // 2026-10-25 03:00 → 02:00: 02:30 occurs twice and counts once, the first time …
        ("30 2 * * *", "2026-10-24T12:00:00Z", berlin, "2026-10-25T00:30:00Z"),
        ("30 2 * * *", "2026-10-25T00:30:00Z", berlin, "2026-10-26T01:30:00Z"),
        // … but every half hour goes on every half hour.
        ("*/30 * * * *", "2026-10-25T00:30:00Z", berlin, "2026-10-25T01:00:00Z"),
        ("*/30 * * * *", "2026-10-25T01:00:00Z", berlin, "2026-10-25T01:30:00Z"),
        ("*/30 * * * *", "2026-03-29T00:30:00Z", berlin, "2026-03-29T01:00:00Z"),
    ])
    func cronNamesTheNextMoment(_ text: String, _ after: String, _ zone: String, _ expected: String) throws {
        #expect(try Self.next(text, after: after, zone: zone) == expected)
    }

    @Test(arguments: [
        ("* * * *", "has 4 fields in place of five: minute, hour, day of the month, month, day of the week"),
        ("60 * * * *", "has a minute that cannot be read, \"60\": 0 to 59, lists, ranges, steps"),
        ("* * 5-1 * *", "has a day of the month that cannot be read, \"5-1\": 1 to 31, lists, ranges, steps"),
        ("*/0 * * * *", "has a minute that cannot be read, \"*/0\": 0 to 59, lists, ranges, steps"),
        ("* * * xyz *", "has a month that cannot be read, \"xyz\": 1 to 12, lists, ranges, steps"),
        ("0 0 31 feb *", "names a day that no calendar has"),
    ])
    func cronMistakes(_ text: String, _ message: String) {
        #expect(throws: CronExpression.Mistake(message: message)) { try CronExpression(text) }
    }

    private func schedule(_ text: String) throws -> Schedule? {
        let stream = "{ name: 's', mode: 'append', facts: [{ event: 'case.received', subject: 'case/{id}' }] }"
        let manifest = manifestText(stream).replacingOccurrences(of: "streams:", with: "schedule: \(text), streams:")
        return try Manifest.parse(manifest, file: "adapter.json5", folder: "/none").schedule
    }

    @Test func manifestsSaySo() throws {
        let every = try #require(try schedule("{ every: '10m' }"))
        #expect(every == .every(600))
        #expect(every.title == "every 10 min")
        #expect(every.next(after: nil, now: 50) == 50)
        #expect(every.next(after: 40, now: 50) == 640)
        let cron = try #require(try schedule("{ cron: '0 3 * * *', zone: 'Asia/Shanghai' }"))
        #expect(cron.title == "cron 0 3 * * * (Asia/Shanghai)")
        // One that was missed is made up for: its moment lies before now.
        let day = try Self.moment("2026-11-25T00:00:00Z")
        #expect(cron.next(after: day - 86_400, now: day) == day - 5 * 3600)
        #expect(try schedule("{ on_arrival: true }") == .onArrival)
        for wrong in ["{}", "{ every: '10m', on_arrival: true }", "{ zone: 'UTC', every: '1d' }", "{ cron: '0 3 * * *', zone: 'Asia/Atlantis' }", "{ cron: 'x' }"] {
            #expect(throws: AdapterError.self, "\(wrong)") { try schedule(wrong) }
        }
    }

    @Test func arrivalsChangeWithTheFiles() throws {
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'append', facts: [{ event: 'case.received', subject: 'case/{id}' }] }", path: "samples/*.csv"))
        let manifest = try folder.manifest()
        let nothing = manifest.arrivals(environment: [:])
        try folder.write("id\n1\n", to: "samples/a.csv")
        let one = manifest.arrivals(environment: [:])
        #expect(nothing != one)
        #expect(manifest.arrivals(environment: [:]) == one)
        try folder.write("id\n1\n2\n", to: "samples/a.csv")
        #expect(manifest.arrivals(environment: [:]) != one)
    }
}
