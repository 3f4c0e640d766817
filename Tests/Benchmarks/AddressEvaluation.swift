import DigitalTwin
import Foundation

/// `addresses`: the parser against tags that people set, part by part, and how fast it is.
enum AddressEvaluation {
    private static let path = Evaluation.sharedData + "/test-only/civil/zh-address-tags/dev.txt"

    static func run() throws -> Evaluation {
        guard FileManager.default.fileExists(atPath: path) else {
            return Evaluation(name: "addresses", note: "skipped: needs ../shared/data/test-only/civil/zh-address-tags beside the project", columns: ["part"])
        }
        let addresses = try TaggedAddress.read(path)
        let loading_s = timed { _ = Gazetteer.builtIn.name(of: 31) }
        let parser = AddressParser()
        // Rules were written by looking at every second address; the others tell how good they are on what nobody looked at.
        var seen = AddressAgreement(), unseen = AddressAgreement()
        for (number, address) in addresses.enumerated() {
            let read = parser.parse(address.text)
            if number.isMultiple(of: 2) { seen.add(address, read) } else { unseen.add(address, read) }
        }
        let rounds = 5
        var readings = 0
        let taken_s = timed {
            for _ in 0..<rounds { for address in addresses { readings += parser.parse(address.text).readings.count } }
        }
        let rate = Int(Double(addresses.count * rounds) / taken_s)
        var evaluation = Evaluation(
            name: "addresses",
            note: "exact agreement with tags of \(addresses.count) addresses, \(rate) addresses/s, gazetteer loaded in \(Int(loading_s * 1000)) ms",
            columns: ["part", "unseen half", "tagged", "read but not tagged", "seen half"])
        for part in AddressAgreement.Part.allCases {
            let count = unseen.counts[part] ?? .init(), other = seen.counts[part] ?? .init()
            evaluation.rows.append([
                part.rawValue, Evaluation.share(count.agreed, of: count.tagged), "\(count.tagged)", "\(count.extra)",
                Evaluation.share(other.agreed, of: other.tagged),
            ])
        }
        evaluation.rows.append([
            "nothing unparsed", Evaluation.share(unseen.addresses - unseen.withRest, of: unseen.addresses), "\(unseen.addresses)", "",
            Evaluation.share(seen.addresses - seen.withRest, of: seen.addresses),
        ])
        return evaluation
    }
}
