/// Lets writers wait while the disk of the hub's own server is almost full.
package struct DiskGuard: Sendable {
    /// Room as it is now; nil where it cannot be told.
    let space: @Sendable () -> DiskSpace?
    let environment: [String: String]

    /// nil where the server is elsewhere: its disk is not this machine's.
    package init?(_ hub: Hub, environment: [String: String]) {
        guard hub.isEmbedded else { return nil }
        let folder = hub.home.server.data
        self.init(environment: environment) { DiskSpace(at: folder) }
    }

    init(environment: [String: String], space: @escaping @Sendable () -> DiskSpace?) {
        self.environment = environment
        self.space = space
    }

    /// Comes back at once where there is room: one system call.
    /// - Parameters:
    ///   - report: told once when the waiting begins, and when it ends.
    ///   - sleep: for so many milliseconds; true where the work is to end.
    /// - Returns: false where the work is to end.
    package func waitForRoom(report: (String) -> Void, sleep: (Int32) -> Bool) -> Bool {
        guard let first = space() else { return true }
        let reserve = first.reserve(environment)
        guard first.free < reserve else { return true }
        report("paused: \(sizeText(first.free)) of the disk are free, less than \(sizeText(reserve)). It goes on when there is room again; Ctrl-C ends it")
        while true {
            if sleep(500) { return false }
            // A little more, or each batch would pause anew.
            if let now = space(), now.free < reserve + reserve / 20 { continue }
            report("there is room again, going on")
            return true
        }
    }
}
