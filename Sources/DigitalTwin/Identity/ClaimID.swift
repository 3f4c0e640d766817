#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The id of a claim, by its bytes: Swift holds texts for equal that the log does not. Ordered as PostgreSQL's collation "C" orders.
package struct ClaimID: Hashable, Comparable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    /// What stands after the source's name, up to the next colon: of people, who has one pseudonym everywhere, the pseudonym.
    var key: String { text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).dropFirst().first.map(String.init) ?? "" }

    package static func == (a: ClaimID, b: ClaimID) -> Bool { a.order(to: b) { first, second in first.count == second.count ? Self.difference(first, second) : 1 } == 0 }
    package static func < (a: ClaimID, b: ClaimID) -> Bool {
        a.order(to: b) { first, second in
            let difference = Self.difference(first, second)
            return difference == 0 ? first.count - second.count : difference
        } < 0
    }

    private static func difference(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int {
        guard let first = a.baseAddress, let second = b.baseAddress else { return 0 }
        return Int(memcmp(first, second, min(a.count, b.count)))
    }

    private func order(to other: ClaimID, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Int) -> Int {
        let known = text.utf8.withContiguousStorageIfAvailable { first in other.text.utf8.withContiguousStorageIfAvailable { body(first, $0) } }
        if let known, let known { return known }
        return Array(text.utf8).withUnsafeBufferPointer { first in Array(other.text.utf8).withUnsafeBufferPointer { body(first, $0) } }
    }

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
