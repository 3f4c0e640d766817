/// Another name (别名) of a road, a compound, a division or a number, and from when till when it is one: 烟台路 for 浦建路, 东昌路10号 for 东昌路12号,
/// 四季新村 for 浦东南路120弄.
package struct AddressAlias: Sendable, Hashable {
    package let name: String
    package let standsFor: String
    /// Microseconds since 1970; nil without a beginning.
    package let from_us: Int64?
    /// The first moment at which it is none any more; nil without an end.
    package let to_us: Int64?
    /// Whether a steward says so: his word goes before a source's.
    package let isStewards: Bool
    package let position: Int64

    package init(name: String, standsFor: String, from_us: Int64? = nil, to_us: Int64? = nil, isStewards: Bool = false, position: Int64 = 0) {
        (self.name, self.standsFor, self.from_us, self.to_us, self.isStewards, self.position) = (name, standsFor, from_us, to_us, isStewards, position)
    }

    func isValid(at moment_us: Int64) -> Bool { (from_us ?? .min) <= moment_us && moment_us < (to_us ?? .max) }
}

/// The aliases that are known, ready to be looked up: texts are rewritten before they are read, so that parsing stays what it is.
package struct AddressAliases: Sendable {
    private struct Key: Hashable {
        let part: AddressPart
        let value: String
    }

    private struct Entry {
        let alias: AddressAlias
        let name: [Key]
        let target: Address
        let targetParts: [Key]
    }

    private let parser: AddressParser
    /// By the first part of the alias; the more parts it names the earlier, then stewards' words, then the latest.
    private let entries: [Key: [Entry]]

    package static let none = AddressAliases([])
    package var isEmpty: Bool { entries.isEmpty }

    /// Aliases that name nothing, or something that no rule reads, are left out.
    package init(_ aliases: [AddressAlias], parser: AddressParser = AddressParser()) {
        self.parser = parser
        let all = aliases.compactMap { alias -> (Key, Entry)? in
            let name = parser.parse(alias.name), target = parser.parse(alias.standsFor)
            let keys = Self.keys(name), targetKeys = Self.keys(target)
            guard let first = keys.first, !targetKeys.isEmpty, keys != targetKeys, name.unparsed == nil, target.unparsed == nil else { return nil }
            return (first, Entry(alias: alias, name: keys, target: target, targetParts: targetKeys))
        }
        entries = Dictionary(grouping: all) { $0.0 }.mapValues { list in
            list.map(\.1).sorted { a, b in
                if a.name.count != b.name.count { return a.name.count > b.name.count }
                return a.alias.isStewards != b.alias.isStewards ? a.alias.isStewards : a.alias.position > b.alias.position
            }
        }
    }

    private static func keys(_ address: Address) -> [Key] {
        var parts: [AddressPart] = []
        for reading in address.readings where reading.part != .repeated && !parts.contains(reading.part) { parts.append(reading.part) }
        return parts.map { Key(part: $0, value: address[$0] ?? "") }
    }

    /// A text in which aliases were replaced.
    package struct Rewritten: Sendable {
        package let text: String
        /// In the order in which they were applied.
        package let applied: [AddressAlias]
    }

    /// Replaces aliases that hold at a moment, each at most once; nil where none does. One is passed over where the text itself says otherwise: a
    /// compound's old name stands for a lane, and the address names another.
    package func rewritten(_ text: String, at moment_us: Int64) -> Rewritten? {
        guard !isEmpty else { return nil }
        var text = text
        var applied: [AddressAlias] = []
        while let (entry, address) = first(in: text, at: moment_us, but: applied) {
            applied.append(entry.alias)
            text = Self.replaced(entry, in: address)
        }
        return applied.isEmpty ? nil : Rewritten(text: text, applied: applied)
    }

    private func first(in text: String, at moment_us: Int64, but applied: [AddressAlias]) -> (Entry, Address)? {
        let address = parser.parse(text)
        for key in Self.keys(address) {
            for entry in entries[key] ?? [] where entry.alias.isValid(at: moment_us) && !applied.contains(entry.alias) {
                let named = Set(entry.name.map(\.part))
                guard entry.name.allSatisfy({ address[$0.part] == $0.value }),
                    entry.targetParts.allSatisfy({ named.contains($0.part) || address[$0.part] == nil || address[$0.part] == $0.value })
                else { continue }
                return (entry, address)
            }
        }
        return nil
    }

    /// The target's text in the place of the first of the alias's parts; what says the same elsewhere goes.
    private static func replaced(_ entry: Entry, in address: Address) -> String {
        let gone = Set((entry.name + entry.targetParts).map(\.part))
        var letters: [UInt32] = []
        var isDone = false
        for reading in address.readings {
            if !gone.contains(reading.part) {
                letters += address.letters[reading.range]
            } else if !isDone, reading.part == entry.name[0].part {
                letters += entry.target.letters
                isDone = true
            }
        }
        return letters[...].text
    }
}
