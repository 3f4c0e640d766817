import DigitalTwin
import Foundation

/// Addresses whose parts people have marked: a letter and its tag (`B-road`, `I-road`) a line, a blank line between addresses.
struct TaggedAddress {
    let text: String
    /// Tag and text of each part, in order.
    let parts: [(tag: String, text: String)]

    static func read(_ path: String) throws -> [TaggedAddress] {
        var addresses: [TaggedAddress] = []
        var parts: [(tag: String, text: String)] = []
        func finish() {
            if !parts.isEmpty { addresses.append(TaggedAddress(text: parts.map(\.text).joined(), parts: parts)) }
            parts = []
        }
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ")
            guard words.count > 1, let tag = words.last else {
                finish()
                continue
            }
            if tag.hasPrefix("I-"), !parts.isEmpty { parts[parts.count - 1].text += words[0] } else { parts.append((String(tag.dropFirst(2)), String(words[0]))) }
        }
        finish()
        return addresses
    }

    /// The first part with a tag.
    func first(_ tag: String) -> String? { parts.first { $0.tag == tag }?.text }
    /// The lane, where it is tagged as a second road.
    var lane: String? { parts.first { $0.tag == "subRoad" && $0.text.hasSuffix("弄") }?.text }
}

/// How often our reading of a part is exactly that of the tags.
struct AddressAgreement {
    enum Part: String, CaseIterable { case division, road, roadNumber = "road number", building, entrance, room }

    struct Count {
        /// Addresses that have the part by the tags; of these, those where we say the same; and those where we read one that the tags do not have.
        var tagged = 0, agreed = 0, extra = 0
    }

    private(set) var counts: [Part: Count] = [:]
    private(set) var addresses = 0
    /// Addresses of which something was left unparsed.
    private(set) var withRest = 0

    mutating func add(_ tagged: TaggedAddress, _ read: Address) {
        addresses += 1
        if read.unparsed != nil { withRest += 1 }
        for part in Part.allCases {
            let (truth, ours) = values(part, tagged, read)
            if truth != nil { counts[part, default: Count()].tagged += 1 }
            if truth == nil, ours != nil { counts[part, default: Count()].extra += 1 }
            if truth == ours, truth != nil { counts[part, default: Count()].agreed += 1 }
        }
    }

    private func values(_ part: Part, _ tagged: TaggedAddress, _ read: Address) -> (String?, String?) {
        switch part {
        case .division:
            let truth = ["prov", "city", "district"].compactMap { tag in tagged.first(tag).map(Self.bare) }
            // Levels that the address itself names, whatever the gazetteer knows around them.
            let ours = [AddressPart.province, .city, .district].compactMap { read[$0].map(Self.bare) }
            return (truth.isEmpty ? nil : truth.joined(separator: " "), ours.isEmpty ? nil : ours.joined(separator: " "))
        case .road: return (tagged.first("road").map { Address.value(.road, $0) }, read[.road])
        // The tags call a lane's number (弄) a road number or a second road, and its doors (号) house numbers or numbers at that road.
        case .roadNumber:
            let number = tagged.first("roadno") ?? tagged.lane ?? tagged.first("subroadno")
            return (number.map { Address.value(.roadNumber, $0) }, read[.roadNumber] ?? read[.lane])
        case .building:
            let number = tagged.first("houseno") ?? (tagged.lane != nil ? tagged.first("subroadno") : nil)
            return (number.map { Address.value(.building, $0) }, read[.building] ?? (read[.lane] != nil ? read[.entrance] : nil))
        case .entrance:
            return (tagged.first("cellno").map { Address.value(.entrance, $0) }, read[.lane] == nil ? read[.entrance] : nil)
        case .room: return (tagged.first("roomno").map { Address.value(.room, $0) }, read[.room])
        }
    }

    /// A division's name without its ending: the tags have both forms.
    private static func bare(_ name: String) -> String {
        let name = Address.value(.city, name)
        for ending in ["省", "市", "区", "县"] where name.hasSuffix(ending) && name.count > 2 { return String(name.dropLast()) }
        return name
    }
}
