import Foundation
import PostgresClient

extension Connection {
    /// Wakes those who LISTEN for facts or changes: to be called after the commit of what is to be read. At most once in 50 ms, whoever calls.
    /// - Parameter isLast: nothing will follow. Readers whom somebody has just woken are woken again, in a moment.
    /// - Returns: whether they were woken, or need not be: false means that something may lie there unheard.
    @discardableResult
    package func wakeReaders(isLast: Bool) throws(PostgresError) -> Bool {
        let wake = "SELECT hub.wake_readers()"
        if try query(wake).bool(0, 0) { return true }
        guard isLast else { return false }
        // Here and not by pg_sleep: that goes by the server's clock, and lasts an hour where it is put back by one.
        Thread.sleep(forTimeInterval: 0.05)
        // Who asks in vain again was forestalled by another, whose NOTIFY came after what the caller has committed.
        try query(wake)
        return true
    }
}
