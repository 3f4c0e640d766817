import Foundation
import Subprocess
import Testing

@Suite struct ChildProcessTests {
    /// A child gets its three standard descriptors and no other, also of files that were opened without O_CLOEXEC, as Foundation opens them.
    @Test func childrenHoldNoneOfOurFiles() throws {
        let path = FileManager.default.temporaryDirectory.path + "/twinhub-child-\(UUID().uuidString)"
        defer { unlink(path) }
        let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
        #expect(descriptor > 2)
        defer { close(descriptor) }
        #expect(fcntl(descriptor, F_GETFD) == 0)
        let script = "test -e /dev/fd/1 || echo none; test -e /dev/fd/\(descriptor) && echo held"
        #expect(try ChildProcess.run("/bin/sh", ["-c", script]) == (1, ""))
    }
}
