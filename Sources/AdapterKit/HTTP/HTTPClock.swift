import Foundation

/// Time and chance, as the requests of an http input meet them. Tests bring their own, and wait for nothing.
package struct HTTPClock: Sendable {
    /// Seconds since 1970.
    package var now: @Sendable () -> Double
    /// Waits so many seconds, or until the second argument holds.
    package var wait: @Sendable (Double, () -> Bool) -> Void
    /// A number from 0 to below 1.
    package var random: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> Double, wait: @escaping @Sendable (Double, () -> Bool) -> Void, random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.wait = wait
        self.random = random
    }

    /// The machine's.
    package static let system = HTTPClock(
        now: { Date().timeIntervalSince1970 },
        wait: { seconds, isCancelled in
            let end = ContinuousClock.now + .seconds(seconds)
            while !isCancelled() {
                let rest = ContinuousClock.now.duration(to: end).components
                let left = Double(rest.seconds) + Double(rest.attoseconds) / 1e18
                if left <= 0 { return }
                Thread.sleep(forTimeInterval: min(left, 0.05))
            }
        },
        random: { Double.random(in: 0..<1) })
}

/// When an answer says that the next request may come: `Retry-After` (RFC 9110, section 10.2.3), seconds or a date.
enum RetryAfter {
    /// Seconds from now on, never below 0; nil where the text is neither.
    static func seconds(_ text: String, now: Double) -> Double? {
        let text = text.trimmed
        if let seconds = Int(text) { return Double(max(0, seconds)) }
        return HTTPDate.seconds(text).map { max(0, $0 - now) }
    }
}

/// Dates of HTTP headers (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    /// Seconds since 1970.
    static func seconds(_ text: String) -> Double? {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: text)?.timeIntervalSince1970
    }
}
