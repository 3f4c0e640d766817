import Foundation

@testable import TwinReference

/// An adapter with an input that grows and changes by a seed; it knows what the log may say of it.
protocol GeneratedSource: AnyObject {
    /// Of the adapter's folder, and of the source.
    var name: String { get }
    /// The folder's `adapter.json5`.
    var manifest: String { get }
    /// Whether a pull of the input as it stands has ended well.
    var isConfirmed: Bool { get set }
    /// Rows of the input that must be refused.
    var refusedRows: Int { get }
    /// Changes the input; nobody may be reading it.
    func change(_ random: inout SeededGenerator, folder: String) throws
    /// What is wrong with what the log holds of this source, in the order of the positions.
    func violations(of facts: [TellableFact]) -> [Violation]
}

extension GeneratedSource {
    func write(_ text: String, to name: String, in folder: String) throws {
        try text.write(toFile: "\(folder)/samples/\(name)", atomically: true, encoding: .utf8)
    }
}

/// Keys that are in a list now, and all that ever were.
private struct Keys {
    private(set) var present: [String] = []
    private var gone: [String] = []
    private var made = 0

    mutating func add(_ prefix: String) -> String {
        made += 1
        present.append("\(prefix)\(made)")
        return present[present.count - 1]
    }

    mutating func remove(_ random: inout SeededGenerator) -> String? {
        guard !present.isEmpty else { return nil }
        gone.append(present.remove(at: random.below(present.count)))
        return gone.last
    }

    mutating func bringBack(_ random: inout SeededGenerator) -> String? {
        guard !gone.isEmpty else { return nil }
        present.append(gone.remove(at: random.below(gone.count)))
        return present.last
    }
}

/// Outlines in a full list, as NDJSON: new ones, changed ones, ones that vanish and come back.
final class BoxSource: GeneratedSource {
    let name = "boxes"
    var isConfirmed = false
    let refusedRows = 0
    private var keys = Keys()
    private var revisions: [String: Int] = [:]
    private var histories: [String: RecordHistory] = [:]

    let manifest = """
        { adapter: "boxes", version: "1.0.0", department: "mapping", source: "urn:test:boxes",
          input: { kind: "file", path: "samples/*.ndjson", format: "ndjson" },
          streams: [{ name: "boxes", mode: "snapshot", key: ["no"], repeated: "quarantine",
            facts: [{ event: "building.described", subject: "building/{no}", payload: {
              name: { template: "Box {no} revision {rev}" }, footprint: { array: [{ from: "outline", type: "geometry" }] } } }],
            removed: { event: "building.removed", max_ratio: 1 } }] }
        """

    func change(_ random: inout SeededGenerator, folder: String) throws {
        for _ in 0..<(keys.present.isEmpty ? 60 : 8) { revisions[keys.add("")] = 1 }
        for _ in 0..<50 { revisions[random.pick(keys.present), default: 1] += 1 }
        for _ in 0..<6 { _ = keys.remove(&random) }
        for _ in 0..<3 { _ = keys.bringBack(&random) }
        var lines = ""
        for key in keys.present {
            let revision = revisions[key] ?? 1
            let number = Int(key) ?? 0
            let x = 121 + Double(number % 20) * 0.002
            let y = 31 + Double(number / 20) * 0.002
            let corners = [(x, y), (x + 0.0005, y), (x + 0.0005, y + 0.0005), (x, y + 0.0005), (x, y)].map { String(format: "[%.4f,%.4f]", $0, $1) }
            let outline = #"{"type":"Polygon","coordinates":[[\#(corners.joined(separator: ","))]]}"#
            lines += #"{"no":"\#(key)","rev":"\#(revision)","outline":\#(outline)}"# + "\n"
            let fact = TellableFact("building.described", "building/\(key)", [
                "name": .text("Box \(key) revision \(revision)"),
                "footprint": .array([Plain(json: try JSONSerialization.jsonObject(with: Data(outline.utf8)))]),
            ])
            histories[key, default: Self.history(key)].append([fact])
        }
        for key in histories.keys where !keys.present.contains(key) { histories[key]?.append(nil) }
        try write(lines, to: "boxes.ndjson", in: folder)
        isConfirmed = false
    }

    private static func history(_ key: String) -> RecordHistory {
        RecordHistory(removal: TellableFact("building.removed", "building/\(key)"), undone: [nil])
    }

    func violations(of facts: [TellableFact]) -> [Violation] {
        Violation.inHistories(
            Dictionary(uniqueKeysWithValues: histories.map { ("building/\($0.key)", $0.value) }), facts, source: name, isConfirmed: isConfirmed)
    }
}

/// Reports in a full list, as CSV: new ones, changed ones, closed and opened again, withdrawn; and rows without a readable date.
final class ReportSource: GeneratedSource {
    private struct Report {
        var kind = 1
        var isClosed = false
        var x = 0.0
        var y = 0.0
    }

    let name = "reports"
    var isConfirmed = false
    private(set) var refusedRows = 0
    private var keys = Keys()
    private var reports: [String: Report] = [:]
    private var histories: [String: RecordHistory] = [:]
    private static let received: Int64 = 1_767_830_400_000_000  // 2026-01-08 08:00:00 in Shanghai
    private static let closed: Int64 = 1_769_909_400_000_000  // 2026-02-01 09:30:00 in Shanghai

    let manifest = """
        { adapter: "reports", version: "1.0.0", department: "hotline", source: "urn:test:reports",
          input: { kind: "file", path: "samples/*.csv", format: "csv" },
          streams: [{ name: "reports", mode: "snapshot", key: ["no"], repeated: "quarantine",
            facts: [
              { event: "case.received", subject: "case/{no}",
                occurred_at: { from: "received", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", zone: "Asia/Shanghai" },
                payload: { category: "kind", channel: { const: "test" },
                  location: { object: { type: { const: "Point" }, coordinates: { array: [{ from: "x", type: "decimal" }, { from: "y", type: "decimal" }] } } } } },
              { event: "case.closed", subject: "case/{no}", when: { present: "closed" }, undone: "case.reopened",
                occurred_at: { from: "closed", type: "datetime", format: "yyyy-MM-dd HH:mm:ss", zone: "Asia/Shanghai" }, payload: {} } ],
            removed: { event: "case.withdrawn", max_ratio: 1 }, contract: { max_refused_ratio: 1 } }] }
        """

    func change(_ random: inout SeededGenerator, folder: String) throws {
        for _ in 0..<(keys.present.isEmpty ? 60 : 20) {
            let box = random.below(100)
            reports[keys.add("R")] = Report(x: 121.0002 + Double(box % 20) * 0.002, y: 31.0002 + Double(box / 20) * 0.002)
        }
        for _ in 0..<40 { reports[random.pick(keys.present)]?.kind += 1 }
        for _ in 0..<20 { reports[random.pick(keys.present)]?.isClosed.toggle() }
        for _ in 0..<8 { _ = keys.remove(&random) }
        for _ in 0..<3 { _ = keys.bringBack(&random) }
        refusedRows += 1 + random.below(3)
        var rows = keys.present.map { key -> String in
            let report = reports[key] ?? Report()
            let place = String(format: "%.4f,%.4f", report.x, report.y)
            let fact = TellableFact("case.received", "case/\(key)", at: Self.received, [
                "category": .text("kind \(report.kind)"), "channel": .text("test"),
                "location": .object(["type": .text("Point"), "coordinates": .array(place.split(separator: ",").map { .number(Double($0) ?? 0) })]),
            ])
            let end = report.isClosed ? TellableFact("case.closed", "case/\(key)", at: Self.closed) : nil
            histories[key, default: Self.history(key)].append([fact, end])
            return "\(key),kind \(report.kind),\(place),2026-01-08 08:00:00,\(report.isClosed ? "2026-02-01 09:30:00" : "")"
        }
        for key in histories.keys where !keys.present.contains(key) { histories[key]?.append(nil) }
        for number in 0..<refusedRows {
            rows.insert("bad\(number),kind 1,121.0,31.0,yesterday,", at: rows.count * number / refusedRows)
        }
        try write("no,kind,x,y,received,closed\n" + rows.map { $0 + "\n" }.joined(), to: "reports.csv", in: folder)
        isConfirmed = false
    }

    private static func history(_ key: String) -> RecordHistory {
        RecordHistory(removal: TellableFact("case.withdrawn", "case/\(key)"), undone: [nil, TellableFact("case.reopened", "case/\(key)")])
    }

    func violations(of facts: [TellableFact]) -> [Violation] {
        Violation.inHistories(
            Dictionary(uniqueKeysWithValues: histories.map { ("case/\($0.key)", $0.value) }), facts, source: name, isConfirmed: isConfirmed)
    }
}

/// Readings in files that grow, as NDJSON: each line is a fact of its own, and nothing but its place says whether it was told.
final class ReadingSource: GeneratedSource {
    let name = "readings"
    var isConfirmed = false
    private(set) var refusedRows = 0
    private var lines = 0
    private var files: [String] = []
    private var accepted: [TellableFact] = []

    let manifest = """
        { adapter: "readings", version: "1.0.0", department: "water", source: "urn:test:readings",
          input: { kind: "file", path: "samples/*.ndjson", format: "ndjson" },
          streams: [{ name: "readings", mode: "append",
            facts: [{ event: "observations.recorded", subject: "sensor/{sensor}",
              occurred_at: { from: "at", type: "datetime", format: "iso8601" },
              payload: { property: { const: "level" }, unit: { const: "m" }, times: { array: [{ from: "at", type: "datetime", format: "iso8601" }] },
                values: { array: [{ from: "value", type: "decimal" }] } } }],
            contract: { max_refused_ratio: 1 } }] }
        """

    func change(_ random: inout SeededGenerator, folder: String) throws {
        if files.isEmpty || random.chance(30) { files.append("") }
        var text = ""
        for _ in 0..<90 {
            lines += 1
            let time = String(format: "2026-03-%02dT%02d:%02d:00Z", 1 + lines / 1440 % 28, lines / 60 % 24, lines % 60)
            let sensor = "S\(random.below(9))"
            if random.chance(3) {
                refusedRows += 1
                text += #"{"sensor":"\#(sensor)","at":"bad \#(lines)","value":\#(lines)}"# + "\n"
            } else {
                text += #"{"sensor":"\#(sensor)","at":"\#(time)","value":\#(lines)}"# + "\n"
                let occurred = (try Date(time, strategy: .iso8601)).timeIntervalSince1970
                accepted.append(
                    TellableFact("observations.recorded", "sensor/\(sensor)", at: Int64(occurred) * 1_000_000, [
                        "property": .text("level"), "unit": .text("m"), "times": .array([.text(time)]), "values": .array([.number(Double(lines))]),
                    ]))
            }
        }
        files[files.count - 1] += text
        try write(files[files.count - 1], to: String(format: "readings-%04d.ndjson", files.count), in: folder)
        isConfirmed = false
    }

    func violations(of facts: [TellableFact]) -> [Violation] {
        if isConfirmed ? accepted == facts : accepted.starts(with: facts) { return [] }
        let expected = Dictionary(accepted.map { ($0, 1) }, uniquingKeysWith: +)
        let found = Dictionary(facts.map { ($0, 1) }, uniquingKeysWith: +)
        if let (fact, count) = found.first(where: { $0.value > expected[$0.key] ?? 0 }) {
            return [Violation(.everyRecordOnce, "\(name): \(count) times in the log, delivered \(expected[fact] ?? 0) times: \(fact)")]
        }
        if isConfirmed, let missing = accepted.first(where: { found[$0] != expected[$0] }) {
            return [Violation(.everyRecordOnce, "\(name): read, and not in the log: \(missing)")]
        }
        let place = zip(accepted, facts).enumerated().first { $1.0 != $1.1 }
        // What lies between was left out, or all is there in another order.
        let isPrefix = Set(facts) == Set(accepted.prefix(facts.count))
        return [
            Violation(
                isPrefix ? .positionsInOrder : .everyRecordOnce,
                "\(name): fact \(place?.offset ?? 0) of \(facts.count) is \(place?.element.1.description ?? "none"), the file has \(place?.element.0.description ?? "none")")
        ]
    }
}
