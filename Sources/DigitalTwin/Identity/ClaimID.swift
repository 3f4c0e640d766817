/// The id of a claim, by its bytes: Swift holds texts for equal that the log does not. Ordered as PostgreSQL's collation "C" orders.
package struct ClaimID: Hashable, Comparable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// What stands after the source's name, up to the next colon: of people, who has one pseudonym everywhere, the pseudonym.
    var key: String { text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).dropFirst().first.map(String.init) ?? "" }

    package static func == (a: ClaimID, b: ClaimID) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }
    package static func < (a: ClaimID, b: ClaimID) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
    package func hash(into hasher: inout Hasher) {
        let isHashed: Void? = text.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        if isHashed == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
    }
}

/// Two claims, the smaller id first.
package struct ClaimPair: Hashable, Sendable {
    package let left: ClaimID
    package let right: ClaimID

    package init(_ a: ClaimID, _ b: ClaimID) { (left, right) = a < b ? (a, b) : (b, a) }
}
