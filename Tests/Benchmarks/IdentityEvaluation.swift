import AdapterKit
import DigitalTwin
import Foundation

/// `identity-published`: the resolver on registers whose truth somebody else published, on keyed encodings and on clear text beside them.
enum IdentityEvaluation {
    static func run() throws -> Evaluation {
        var evaluation = Evaluation(
            name: "identity-published", note: "weights learned from the unlabelled pairs of each register; pairs of claims against the published truth",
            columns: ["register", "compared by", "precision", "recall", "F1", "in blocks", "to review", "claims", "seconds"])
        for register in Register.all {
            guard let people = try register.read() else {
                evaluation.rows.append([register.name, "skipped: needs ../shared/data beside the project"] + Array(repeating: "", count: 7))
                continue
            }
            for form in [ComparedAttribute.Form.encoding, .text] {
                evaluation.rows.append(try row(register, people, form))
            }
        }
        return evaluation
    }

    private static func row(_ register: Register, _ people: [Register.Person], _ form: ComparedAttribute.Form) throws -> [String] {
        let rules = register.rules(form)
        var table = ClaimTable(rules.attributes)
        for person in people { table.append(person.id, register.values(person, form)) }
        var outcome: Resolver.Outcome?
        let taken_s = timed {
            outcome = Resolver(rules, Calibration(rules, learningFrom: table)).resolve(table)
        }
        guard let outcome else { return [] }
        let accuracy = PairwiseAccuracy(things: outcome.things, truth: people.map(\.truth))
        var reachable = 0
        Resolver.forEachCandidate(rules, table) { if people[$0].truth == people[$1].truth { reachable += 1 } }
        return [
            register.name, form == .encoding ? "encodings" : "clear text", format(accuracy.precision), format(accuracy.recall), format(accuracy.f1),
            Evaluation.share(reachable, of: accuracy.matches), "\(outcome.review.count)", "\(people.count)", format(taken_s),
        ]
    }

    private static func format(_ value: Double) -> String { String(format: "%.4f", value) }
}

/// Precision and recall of pairs of claims.
struct PairwiseAccuracy {
    /// Pairs that are the same thing in truth, by us, and by both.
    private(set) var matches = 0, linked = 0, agreed = 0

    init(things: [Int], truth: [String]) {
        func pairs(_ sizes: some Sequence<Int>) -> Int { sizes.reduce(0) { $0 + $1 * ($1 - 1) / 2 } }
        func sizes(_ keys: [String]) -> some Sequence<Int> { Dictionary(grouping: keys) { $0 }.values.map(\.count) }
        matches = pairs(sizes(truth))
        linked = pairs(sizes(things.map(String.init)))
        agreed = pairs(sizes(zip(things, truth).map { "\($0) \($1)" }))
    }

    var precision: Double { linked == 0 ? 1 : Double(agreed) / Double(linked) }
    var recall: Double { matches == 0 ? 1 : Double(agreed) / Double(matches) }
    var f1: Double { precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall) }
}

/// A published register of people with duplicates.
struct Register {
    struct Person {
        let id: String
        /// Whoever has the same is the same person.
        let truth: String
        let values: [String: String]
    }

    let name: String
    let path: String
    /// Columns that are compared by how alike they are, with their steps; and those that are equal or not. Several of a name with a plus between them are one
    /// attribute, their words in one order: where clerks exchange given and family names.
    let alike: [String]
    let equal: [String]
    let blocks: [[String]]
    var largestBlock = 200
    var steps = [0.85, 0.65]
    let truth: @Sendable ([String: String]) -> String

    static let all = [febrl(1, "shippable"), febrl(2, "test-only"), febrl(3, "test-only"), splink]

    /// FEBRL's made-up persons: `rec-N-org` and `rec-N-dup-M` are one.
    private static func febrl(_ number: Int, _ folder: String) -> Register {
        Register(
            name: "FEBRL \(number)", path: "\(folder)/civil/febrl/dataset\(number).csv",
            alike: ["given_name", "surname", "address_1", "address_2", "suburb", "date_of_birth", "soc_sec_id", "postcode"], equal: ["street_number", "state"],
            blocks: [
                ["soc_sec_id"], ["date_of_birth"], ["address_1", "street_number"], ["given_name", "surname"], ["surname", "postcode"], ["given_name", "postcode"],
                ["address_2", "suburb"], ["surname", "suburb"], ["given_name", "suburb"], ["address_1", "postcode"], ["given_name", "street_number"], ["surname", "street_number"],
                ["suburb", "street_number"],
            ],
            truth: { ($0["rec_id"] ?? "").split(separator: "-").prefix(2).joined(separator: "-") })
    }

    /// In one pair of seven given and family name are exchanged, and any value may be misspelt, missing or both: of a thousand rows all are compared with all,
    /// and half alike counts for more than not at all.
    private static let splink = Register(
        name: "fake_1000", path: "shippable/civil/splink/fake_1000.csv", alike: ["first_name+surname", "dob", "email", "city"], equal: [], blocks: [[]], largestBlock: 1_000,
        steps: [0.9, 0.75, 0.6, 0.45], truth: { $0["cluster"] ?? "" })

    /// - Parameter form: `encoding`, or `text` for what would be if names stood in the clear.
    func rules(_ form: ComparedAttribute.Form) -> MatchRules {
        let attributes = alike.map { ComparedAttribute($0, form, steps: steps) } + equal.map { ComparedAttribute($0, .code) }
        return MatchRules(kind: name, attributes: attributes, blocks: blocks, largestBlock: largestBlock)
    }

    func values(_ person: Person, _ form: ComparedAttribute.Form) -> [ClaimValue] {
        alike.map { column in
            let words = column.split(separator: "+").compactMap { person.values[String($0)] }
            guard !words.isEmpty else { return .missing }
            let text = words.sorted().joined(separator: " ")
            if form == .text { return .text(text) }
            return NameEncoding.forSamples.encode(text).flatMap(Encoding.read).map { .encoding($0) } ?? .missing
        } + equal.map { .code(person.values[$0]) }
    }

    /// Nil where the file is not here. The files quote nothing.
    func read() throws -> [Person]? {
        let file = Evaluation.sharedData + "/" + path
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        let lines = try String(contentsOfFile: file, encoding: .utf8).split(whereSeparator: \.isNewline)
        func cells(_ line: Substring) -> [String] {
            line.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
        }
        guard let header = lines.first.map(cells) else { return [] }
        return lines.dropFirst().map { line in
            let values = Dictionary(zip(header, cells(line)).filter { !$1.isEmpty }, uniquingKeysWith: { first, _ in first })
            return Person(id: values[header[0]] ?? "", truth: truth(values), values: values)
        }
    }
}
