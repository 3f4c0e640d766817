import Foundation
import Subprocess
import Testing

/// Programs whose output is read, and that end with us.
@Suite struct PipedProcessTests {
    private static let environment = ["PATH": "/usr/bin:/bin"]

    /// A shell script as a program.
    private static func shell(_ script: String, _ arguments: String...) -> PipedProcess.Program {
        PipedProcess.Program(["/bin/sh", "-c", script, "sh"] + arguments, environment: environment)
    }

    private static func all(_ process: PipedProcess) throws -> String {
        var bytes: [UInt8] = []
        while true {
            let piece = try process.read(upTo: 4096)
            if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece
        }
    }

    private static func lives(_ pid: Int32) -> Bool {
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return kill(pid, 0) == 0 }
        // A zombie has ended: nobody has collected it yet.
        return status.split(separator: ")").last?.split(separator: " ").first != "Z"
    }

    /// Polled by reading a file system that blocks nowhere; gives up after ten seconds.
    private static func ends(_ pid: Int32) -> Bool {
        let limit = ContinuousClock.now + .seconds(10)
        while lives(pid) {
            if ContinuousClock.now > limit { return false }
            sched_yield()
        }
        return true
    }

    @Test func outputErrorsAndCode() throws {
        var said: [String] = []
        let process = try PipedProcess(Self.shell("echo one; echo two >&2; printf three; printf last >&2; exit 7")) { said.append($0) }
        #expect(try Self.all(process) == "one\nthree")
        #expect(try process.finish() == .exited(7))
        #expect(said == ["two", "last"])
    }

    @Test func moreThanPipesHoldOnBothSides() throws {
        var lines = 0
        let process = try PipedProcess(Self.shell("i=0; while [ $i -lt 20000 ]; do echo 0123456789 >&2; echo 9876543210; i=$((i+1)); done")) { _ in lines += 1 }
        #expect(try Self.all(process).utf8.count == 220_000)
        #expect(try process.finish() == .exited(0))
        #expect(lines == 20_000)
    }

    @Test func anOverlongLineIsCut() throws {
        var said: [String] = []
        let process = try PipedProcess(Self.shell("head -c 300000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2")) { said.append($0) }
        #expect(try process.finish() == .exited(0))
        #expect(said.map(\.utf8.count) == [65_536, 3])
    }

    @Test func aSignalIsTold() throws {
        let process = try PipedProcess(Self.shell("echo x; kill -SEGV $$")) { _ in }
        #expect(try Self.all(process) == "x\n")
        #expect(try process.finish() == .signalled(SIGSEGV))
    }

    @Test func outputThatNobodyWantsIsPassedOver() throws {
        let process = try PipedProcess(Self.shell("head -c 1000000 /dev/zero; exit 3")) { _ in }
        _ = try process.read(upTo: 10)
        #expect(try process.finish() == .exited(3))
    }

    @Test func theFolderCountsForTheProgramToo() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/twinhub-piped-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "#!/bin/sh\npwd\n".write(toFile: folder + "/where.sh", atomically: true, encoding: .utf8)
        #expect(chmod(folder + "/where.sh", 0o700) == 0)
        let process = try PipedProcess(PipedProcess.Program(["./where.sh"], environment: Self.environment, folder: folder)) { _ in }
        #expect(try Self.all(process).hasSuffix((folder as NSString).lastPathComponent + "\n"))
        #expect(try process.finish() == .exited(0))
    }

    @Test func onlyTheGivenEnvironment() throws {
        setenv("TWINHUB_TEST_HIDDEN", "hidden", 1)
        let program = PipedProcess.Program(["/usr/bin/env"], environment: ["A": "1"])
        #expect(try Self.all(PipedProcess(program) { _ in }) == "A=1\n")
    }

    @Test func aMissingProgramIsAnError() throws {
        let error = #expect(throws: SubprocessError.self) {
            try PipedProcess(PipedProcess.Program(["./is-not-there"], environment: Self.environment, folder: "/tmp")) { _ in }
        }
        #expect(error?.kind == .configuration)
        #expect(error?.description == "The program cannot be started: No such file or directory. (./is-not-there)")
    }

    @Test func cancellationEndsTheWholeGroup() throws {
        var cancelled = false
        let process = try PipedProcess(Self.shell("(trap '' TERM; exec 1>&- 2>&-; exec sleep 600) & echo $!; exec sleep 600"), isCancelled: { cancelled }) { _ in }
        let pid = try #require(Int32(String(decoding: try process.read(upTo: 100), as: UTF8.self).trimmingCharacters(in: .newlines)))
        #expect(Self.lives(pid))
        cancelled = true
        #expect(throws: SubprocessError.self) { try process.read(upTo: 100) }
        #expect(Self.ends(pid))
    }

    @Test func whatAProgramLeavesBehindIsEnded() throws {
        let process = try PipedProcess(Self.shell("sleep 600 >/dev/null 2>&1 & echo $!")) { _ in }
        let pid = try #require(Int32(try Self.all(process).trimmingCharacters(in: .newlines)))
        #expect(try process.finish() == .exited(0))
        #expect(Self.ends(pid))
    }

    @Test func anOutputKeptOpenIsNoEnd() throws {
        let process = try PipedProcess(Self.shell("sleep 600 & echo $!")) { _ in }
        let pid = try #require(Int32(String(decoding: try process.read(upTo: 100), as: UTF8.self).trimmingCharacters(in: .newlines)))
        let error = #expect(throws: SubprocessError.self) { try process.finish() }
        #expect(error?.what.contains("keeps its output open") == true)
        #expect(Self.ends(pid))
    }

    @Test func timeRunsOut() throws {
        var program = Self.shell("echo x; exec sleep 600")
        program.timeout_s = 0.3
        let process = try PipedProcess(program) { _ in }
        #expect(try process.read(upTo: 10) == Array("x\n".utf8))
        let error = #expect(throws: SubprocessError.self) { try process.finish() }
        #expect(error?.kind == .transient)
    }
}
