import Foundation
import RecordFormats
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What an input may use of the run that it belongs to.
package struct InputContext: Sendable {
    /// Our own environment, where secrets and overrides stand.
    package var environment: [String: String]
    /// Asked while there is only the source to wait for.
    package var isCancelled: @Sendable () -> Bool
    /// Gets what a source's program says beside its records, a line each, without secrets.
    package var log: @Sendable (String) -> Void
    /// The descriptor that a stdin input reads.
    package var standardInput: Int32 = STDIN_FILENO
    /// Time and chance between the requests of an http input.
    package var httpClock = HTTPClock.system
    /// Whether a source may deliver nothing where it had records.
    package var acceptsRemovals = false

    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment, isCancelled: @escaping @Sendable () -> Bool = { false },
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.environment = environment
        self.isCancelled = isCancelled
        self.log = log
    }
}

/// The standard output of a program, as a reader's bytes.
///
/// The end of the output is the end of the records only where the program ends with exit code 0: any other end is thrown in its place.
/// A reader that needs no more than part of the output leaves the rest to `finish`.
final class ProgramBytes: ByteSource {
    private let process: PipedProcess
    private let name: String
    private let blame: FormatError.Kind?
    private var isFinished = false

    /// Starts the program.
    /// - Parameters:
    ///   - blame: what an exit code other than 0 means; nil: what <sysexits.h> says of it, else `transient`.
    ///   - secrets: are blotted out of what the program says.
    ///   - standardError: gets the lines that the program writes to standard error; nil: the context's log, with the program's name.
    init(
        _ program: PipedProcess.Program, in context: InputContext, blame: FormatError.Kind? = nil, secrets: SecretBlotter = SecretBlotter([]),
        standardError: ((String) -> Void)? = nil
    ) throws(FormatError) {
        let name = program.words.first.map { ($0 as NSString).lastPathComponent } ?? ""
        self.name = name
        self.blame = blame
        var said = SaidLines(secrets: secrets, take: standardError ?? { context.log("\(name): \($0)") })
        do throws(SubprocessError) {
            process = try PipedProcess(program, isCancelled: context.isCancelled) { said.add($0) }
        } catch {
            throw Self.asFormatError(error)
        }
    }

    /// A program that needs nothing from us but its arguments.
    convenience init(_ words: [String], in context: InputContext, blame: FormatError.Kind? = nil) throws(FormatError) {
        try self.init(PipedProcess.Program(words, environment: Self.environment(of: context)), in: context, blame: blame)
    }

    /// What programs get of our environment: where programs and homes are, language, time zone. Nothing else: a secret of the hub's, or of
    /// another source, is none of theirs.
    static func environment(of context: InputContext, adding own: [String: String] = [:]) -> [String: String] {
        let names: Set = ["PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "USER", "LOGNAME"]
        return context.environment.filter { names.contains($0.key) || $0.key.hasPrefix("LC_") }.merging(own) { $1 }
    }

    /// The next bytes; empty at the end. Throws in place of the end where the program failed.
    func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        guard !isFinished else { return [] }
        do throws(SubprocessError) {
            let bytes = try process.read(upTo: count)
            if !bytes.isEmpty { return bytes }
        } catch {
            throw Self.asFormatError(error)
        }
        try finish()
        return []
    }

    /// Waits for the program's end, whatever it still says. Throws where it failed. Once it has returned it does nothing.
    func finish() throws(FormatError) {
        guard !isFinished else { return }
        let end: ChildProcess.End
        do throws(SubprocessError) { end = try process.finish() } catch { throw Self.asFormatError(error) }
        isFinished = true
        let told = "What it said of it stands in the log."
        switch end {
        case .exited(0): return
        case .exited(let code):
            throw FormatError(blame ?? Self.kind(ofExitCode: code), "The program failed (exit code \(code)).", file: name, advice: told)
        case .signalled(let number):
            throw FormatError(.transient, "The program was ended by signal \(number).", file: name, advice: told)
        }
    }

    /// <sysexits.h>, and what shells say of a program that they cannot start.
    private static func kind(ofExitCode code: Int32) -> FormatError.Kind {
        switch code {
        case 65, 66: .data
        case 64, 72, 77, 78, 126, 127: .configuration
        default: .transient
        }
    }

    private static func asFormatError(_ error: SubprocessError) -> FormatError {
        switch error.kind {
        case .configuration:
            FormatError(.configuration, error.what, file: error.program, advice: "Check that it is installed, and that this user may run it.")
        case .transient, .cancelled: FormatError(.transient, error.what, file: error.program)
        }
    }
}

/// Hands on what a program says to standard error: secrets blotted out, lines and their number bounded.
private struct SaidLines {
    /// The longest line, in bytes.
    static let bytes = 4096
    /// How many lines are handed on.
    static let most = 1000

    private let secrets: SecretBlotter
    private let take: (String) -> Void
    private var count = 0

    init(secrets: SecretBlotter, take: @escaping (String) -> Void) {
        self.secrets = secrets
        self.take = take
    }

    mutating func add(_ line: String) {
        count += 1
        if count == Self.most + 1 { take("(more than \(Self.most) lines: the rest is left out)") }
        guard count <= Self.most else { return }
        // Control characters could write to the terminal as if we did.
        let blotted = String(String.UnicodeScalarView(secrets.blot(line).unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
        take(blotted.utf8.count <= Self.bytes ? blotted : String(decoding: blotted.utf8.prefix(Self.bytes), as: UTF8.self) + " …")
    }
}
