import Foundation
import RecordFormats
import Testing

@testable import DigitalTwin
@testable import TwinReference

/// Two portals' lists of the compounds of one city, linked by the rules of the twin's compounds; and what a reader of both thought of a sample.
///
/// The lists are nobody's to give away: they lie beside the project where they are at all, and nothing of them stands here but numbers of rows.
@Suite struct CompoundListTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data/test-only/buildings/xiaoqu").standardizedFileURL.path
    private static let isHere = FileManager.default.fileExists(atPath: folder)

    @Test(.enabled(if: isHere, "needs ../shared/data beside the project"))
    func theSampleIsAsItWasJudged() throws {
        let lists = try Lists(Self.folder)
        for line in lists.counts() { print(line) }
        for (kind, sample) in [("linked", lists.sample(lists.linked, 100)), ("apart", lists.sample(lists.apart, 50))] {
            if ProcessInfo.processInfo.environment["TWINHUB_SHOW_PAIRS"] != nil { for pair in sample { print(lists.shown(kind, pair)) } }
            let verdicts = CompoundJudgements.verdicts(kind)
            #expect(sample.map { "\($0.left)-\($0.right)" }.sorted() == verdicts.keys.sorted(), "other pairs than were judged: \(kind)")
            let same = verdicts.values.count { $0 == .same }, known = verdicts.values.count { $0 != .unknown }
            print("\(kind): \(same) of \(known) judged to be one compound, 95 % interval \(Self.wilson(same, known))")
        }
    }

    /// Wilson's score interval, 1927.
    private static func wilson(_ successes: Int, _ count: Int) -> String {
        guard count > 0 else { return "none" }
        let z = 1.959964, n = Double(count), p = Double(successes) / n
        let middle = (p + z * z / (2 * n)) / (1 + z * z / n), half = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return String(format: "%.3f to %.3f", middle - half, middle + half)
    }
}

/// Both lists, read and resolved.
private struct Lists {
    struct Pair { let left: Int, right: Int }

    private let rules: MatchRules
    private let resolver: Resolver
    private var table: ClaimTable
    private var rows: [(list: Int, number: Int, cells: [String?])] = []
    /// Pairs across the lists that the rules hold for one compound; and those of one name that they do not.
    private(set) var linked: [Pair] = []
    private(set) var apart: [Pair] = []
    private var evidence: [String: Int] = [:]
    private var review = 0

    init(_ folder: String) throws {
        guard let kind = EntityKind.named("compound") else { throw CocoaError(.featureUnsupported) }
        rules = kind.rules
        table = ClaimTable(rules.attributes)
        for (list, name) in ["搜楼啦_上海", "链家_上海小区"].enumerated() {
            var reader = try makeReader(.json(records: ""), FileBytes(path: "\(folder)/\(name).json"))
            // One object whose members are the compounds.
            guard case .record(let record)? = try reader.next() else { continue }
            for (number, compound) in record.values.enumerated() {
                let cells = Self.cells(compound)
                rows.append((list, number, cells))
                table.append("\(list):\(number)", kind.values(of: "\(list):\(number)", cells))
            }
        }
        resolver = Resolver(rules, Calibration(rules, learningFrom: table))
        let outcome = resolver.resolve(table)
        review = outcome.review.count { rows[$0.left].list != rows[$0.right].list }
        gather(outcome.things)
    }

    private mutating func gather(_ things: [Int]) {
        for members in Dictionary(grouping: things.indices, by: { things[$0] }).values {
            for left in members where rows[left].list == 0 {
                for right in members where rows[right].list == 1 {
                    linked.append(Pair(left: rows[left].number, right: rows[right].number))
                    evidence[words(left, right), default: 0] += 1
                }
            }
        }
        let named = Dictionary(grouping: rows.indices.filter { rows[$0].cells[0] != nil }) { Address.value(.compound, rows[$0].cells[0] ?? "") }
        for members in named.values {
            for left in members where rows[left].list == 0 {
                for right in members where rows[right].list == 1 && things[left] != things[right] { apart.append(Pair(left: rows[left].number, right: rows[right].number)) }
            }
        }
    }

    /// Name, address, manager and place, as a manifest would make them of a row.
    private static func cells(_ compound: Value) -> [String?] {
        func text(_ column: String) -> String? { compound[member: column]?.string.map { $0.trimmingCharacters(in: .whitespaces) }.flatMap { $0.isEmpty || $0.hasPrefix("暂无") || $0 == "无" ? nil : $0 } }
        // The area stands before it, in brackets or parted by hyphens; of several doors the first.
        let address = text("地址").flatMap { $0.split(separator: ")").last }.flatMap { $0.split(separator: "-", maxSplits: 2).last }
            .flatMap { $0.split(whereSeparator: { "、，,；; ".contains($0) }).first }.map(String.init)
        let numbers = (text("经纬度") ?? "").split(separator: ",").compactMap { Double($0) }
        let place = numbers.count == 2 ? GeographicPlace(longitude: numbers[0], latitude: numbers[1], system: "BD-09") : nil
        return [text("plot_name"), address, text("物业公司"), place.map { "\($0.longitude) \($0.latitude)" }]
    }

    /// By what two rows agree.
    private func words(_ left: Int, _ right: Int) -> String {
        let pattern = rules.pattern(table, left, right)
        func word(_ attribute: Int) -> String {
            let level = pattern[attribute]
            return level == 0 ? "-" : level == 1 ? "equal" : level == rules.attributes[attribute].levels - 1 ? "different" : "alike"
        }
        return "name \(word(0)), door \(word(1)), place \(pattern[3] == 0 ? "-" : ["150 m", "500 m", "2 km", "far"][pattern[3] - 1])"
    }

    func counts() -> [String] {
        ["\(rows.count { $0.list == 0 }) and \(rows.count { $0.list == 1 }) compounds: \(linked.count) links across, \(review) to review, \(apart.count) pairs of one name apart"]
            + evidence.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
    }

    /// So many of them, drawn by a seed.
    func sample(_ pairs: [Pair], _ count: Int) -> [Pair] {
        var random = SeededGenerator(seed: 2_026)
        return Array(pairs.sorted { ($0.left, $0.right) < ($1.left, $1.right) }.shuffled(using: &random).prefix(count))
    }

    /// For whoever judges, and for no file.
    func shown(_ kind: String, _ pair: Pair) -> String {
        func row(_ list: Int, _ number: Int) -> Int { rows.firstIndex { $0.list == list && $0.number == number } ?? 0 }
        return "PAIR \(kind) \(pair.left)-\(pair.right) \(words(row(0, pair.left), row(1, pair.right)))"
    }
}
