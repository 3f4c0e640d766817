/// An error that knows with which exit code the program ends. Each module's error struct conforms here, in `Failures.swift`.
protocol CommandFailure: Error {
    var exitCode: ExitCode { get }
    /// One or two full sentences: what, where, what to do. Never a payload value or a secret.
    var explanation: String { get }
}

/// A failure that a command itself finds.
struct CommandError: CommandFailure {
    let exitCode: ExitCode
    let explanation: String

    init(_ exitCode: ExitCode, _ explanation: String) {
        self.exitCode = exitCode
        self.explanation = explanation
    }
}

/// From words to an exit status, with every output on the way. Tests call it with pipes.
enum Runner {
    static func run(_ root: any Command.Type, _ words: [String], _ context: Context) -> Int32 {
        do {
            switch try Parser(root: root).parse(words) {
            case .version:
                context.out.line("twinhub \(TwinhubCommand.version)")
            case .help(let command, let path):
                context.out.write(Help.text(for: command, path: path))
            case .run(let command, let input):
                let code = try command.run(input, context)
                // A command that follows something ends in order when it is asked to; scripts still see why it ended.
                return code == .success && Cancellation.isRequested ? Cancellation.exitStatus : code.rawValue
            }
            return ExitCode.success.rawValue
        } catch let error as UsageError {
            context.err.line("twinhub: \(error.message) See '\(helpHint(root, words))'.")
            return ExitCode.usage.rawValue
        } catch is Cancelled {
            return Cancellation.exitStatus
        } catch {
            // An error that a signal caused (a cancelled statement, a closed pipe) is the signal's doing.
            if Cancellation.isRequested { return Cancellation.exitStatus }
            let failure = error as? any CommandFailure
            context.err.line("twinhub: \(failure?.explanation ?? String(describing: error))")
            return (failure?.exitCode ?? .failure).rawValue
        }
    }

    /// The help that is nearest to what was typed.
    private static func helpHint(_ root: any Command.Type, _ words: [String]) -> String {
        var command = root
        var path = root.name
        for word in words {
            guard let next = command.subcommands.first(where: { $0.name == word }) else { break }
            command = next
            path += " " + word
        }
        return path + " --help"
    }
}
