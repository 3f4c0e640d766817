import Operations
import PostgresClient

/// `twinhub doctor`: everything that can be wrong, and what to do about it.
struct DoctorCommand: Command {
    static let name = "doctor"
    static let abstract = "Look at everything that can be wrong with the hub, and say what to do."
    static let discussion = """
        Changes nothing. Exit codes: 0 all well; 1 warnings; 3 something critical has to be put right.
        """
    static let json = Flag("json", "For machines: one JSON document.")
    static let arguments: [any Argument] = [json]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let home = try context.home()
        var hub: Hub?
        var connection: Connection?
        var refusal: String?
        do {
            hub = try context.openHub()
            connection = try hub.map { try Connection($0.conninfo, application: "twinhub doctor") }
        } catch {
            // A full disk is what keeps the server from starting: that it does not is a finding, too.
            guard let failure = error as? any CommandFailure else { throw error }
            refusal = failure.explanation
        }
        let isEmbedded = context.environment["TWINHUB_DATABASE", default: ""].isEmpty
        let findings = Doctor.examine(
            Doctor.Examination(home, connection: connection, refusal: refusal, isEmbedded: isEmbedded, environment: context.environment))
        let worst = findings.map(\.state).max() ?? .ok
        if input[json] {
            try context.out.json(Report(state: worst > .ok ? worst : .ok, conditions: findings))
        } else {
            context.out.write(text(of: findings))
        }
        return withExtendedLifetime(hub) { worst == .critical ? .configuration : worst == .warning ? .failure : .success }
    }

    private struct Report: Encodable {
        let state: Doctor.State
        let conditions: [Doctor.Finding]
    }

    static func text(of findings: [Doctor.Finding]) -> String {
        var table = Table([.left("condition"), .left("state"), .left("what was seen")])
        for finding in findings { table.add([finding.condition, finding.state.rawValue, finding.seen]) }
        let wrong = findings.filter { $0.remedy != nil }.sorted { $0.state > $1.state }
        if wrong.isEmpty { return table.rendered + "\nAll is well.\n" }
        return table.rendered + "\n" + wrong.map { "\($0.condition) (\($0.state.rawValue)): \($0.remedy ?? "")\n" }.joined()
    }
}
