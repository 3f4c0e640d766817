import DigitalTwin
import EventStreams

/// `twinhub asyncapi`: what services may read, for machines.
struct AsyncAPICommand: Command {
    static let name = "asyncapi"
    static let abstract = "Print the AsyncAPI 3.0 document of the event streams, made of the contracts of this binary."

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        context.out.write(try AsyncAPI.document(version: TwinhubCommand.version, changes: TwinProjection.changeTypes))
        return .success
    }
}
