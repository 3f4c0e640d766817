import Foundation

/// A time zone whose offsets are looked up in a table: Foundation is asked once, when the manifest is read.
struct Zone: Sendable, Hashable {
    let name: String
    private let changes: [Change]
    private let fallback: TimeZone

    /// From this second (since 1970 in UTC) on, the offset holds.
    private struct Change: Sendable, Hashable {
        let from_s: Int64
        let offset_s: Int
    }

    /// Without changes.
    static let utc = Zone(name: "UTC", changes: [Change(from_s: .min, offset_s: 0)], fallback: .gmt)

    private init(name: String, changes: [Change], fallback: TimeZone) {
        self.name = name
        self.changes = changes
        self.fallback = fallback
    }

    /// The table goes so far; beyond it Foundation is asked.
    private static let horizon_s: ClosedRange<Int64> = -2_208_988_800...2_840_140_800  // 1900 … 2060

    /// An IANA name, `UTC`, `Z` or an offset such as `+08:00`; nil where there is no such zone.
    init?(_ name: String) {
        self.name = name
        if let offset = Self.fixedOffset(name) {
            guard let zone = TimeZone(secondsFromGMT: offset) else { return nil }
            fallback = zone
            changes = [Change(from_s: .min, offset_s: offset)]
            return
        }
        guard name.contains("/") || name == "UTC" || name == "GMT", let zone = TimeZone(identifier: name) else { return nil }
        fallback = zone
        changes = Self.table(zone)
    }

    /// Seconds east of UTC for a local time, given in seconds since 1970 as if it were UTC.
    ///
    /// A time that occurs twice is the first one; a time that a change skips is read with the offset before the change.
    func offset_s(local_s: Int64) -> Int {
        if changes.count == 1 { return changes[0].offset_s }
        let before = offset_s(utc_s: local_s - 86_400)
        let after = offset_s(utc_s: local_s + 86_400)
        if before == after || offset_s(utc_s: local_s - Int64(before)) == before { return before }
        return offset_s(utc_s: local_s - Int64(after)) == after ? after : before
    }

    /// Seconds east of UTC at a moment, given in seconds since 1970.
    func offset_s(utc_s: Int64) -> Int {
        guard Self.horizon_s.contains(utc_s) else {
            return fallback.secondsFromGMT(for: Date(timeIntervalSince1970: Double(utc_s)))
        }
        var low = 0
        var high = changes.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if changes[middle].from_s <= utc_s { low = middle } else { high = middle }
        }
        return changes[low].offset_s
    }

    private static func fixedOffset(_ name: String) -> Int? {
        if ["UTC", "Z", "GMT"].contains(name) { return 0 }
        guard let sign = name.first, sign == "+" || sign == "-" else { return nil }
        let digits = name.dropFirst().filter { $0 != ":" }
        guard digits.count == 4 || digits.count == 2, let number = Int(digits) else { return nil }
        let (hours, minutes) = digits.count == 2 ? (number, 0) : (number / 100, number % 100)
        guard hours <= 18, minutes < 60 else { return nil }
        return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// Looks every ten days (no zone kept an offset for less) and halves the step down to the second of each change.
    private static func table(_ zone: TimeZone) -> [Change] {
        func offset(_ second: Int64) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
        var changes = [Change(from_s: .min, offset_s: offset(horizon_s.lowerBound))]
        var known = horizon_s.lowerBound
        var current = changes[0].offset_s
        while known < horizon_s.upperBound {
            let next = min(known + 10 * 86_400, horizon_s.upperBound)
            let nextOffset = offset(next)
            if nextOffset != current {
                var low = known
                var high = next
                while high - low > 1 {
                    let middle = low + (high - low) / 2
                    if offset(middle) == current { low = middle } else { high = middle }
                }
                changes.append(Change(from_s: high, offset_s: nextOffset))
                current = nextOffset
            }
            known = next
        }
        return changes
    }
}

/// The zones that manifests named, each table made once.
enum Zones {
    private static let cache = Cache()

    static func named(_ name: String) -> Zone? { cache.zone(name) }

    private final class Cache: @unchecked Sendable {
        private let lock = NSLock()
        private var zones: [String: Zone] = [:]

        func zone(_ name: String) -> Zone? {
            lock.lock()
            defer { lock.unlock() }
            if let zone = zones[name] { return zone }
            let zone = Zone(name)
            zones[name] = zone
            return zone
        }
    }
}
