import Foundation
import Operations

Cancellation.install()
Lifeline.hold()
let context = Context(out: .standardOutput, err: .standardError, environment: ProcessInfo.processInfo.environment)
exit(Runner.run(TwinhubCommand.self, Array(CommandLine.arguments.dropFirst()), context))
