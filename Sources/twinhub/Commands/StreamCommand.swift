import EventLog
import EventStreams
import Operations
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// `twinhub stream`: the log, or the twin's changes, as CloudEvents on standard output.
struct StreamCommand: Command {
    static let name = "stream"
    static let abstract = "Print facts as CloudEvents, one a line, in order and without a gap."
    static let discussion = """
        Without a name it reads from --from on, and nobody keeps where it was. With --consumer the hub keeps it: what was
        written is acknowledged, and a process that is started again goes on where its output ended; what was written and
        not yet acknowledged when it died comes again, under the same id. Several processes share the work of one consumer
        under a --member each: a subject's facts stay in order.
        --twin prints what the facts changed in the twin: building.changed, case.created … each with its row after, and what
        of it was otherwise before. twin.rebuilt, which no filter holds back, says that the twin is to be read anew.
        PLACE is a position, an event's id, a moment such as 2026-06-01T08:00:00Z, 'beginning' or 'now'.
        """
    static let twin = Flag("twin", "The changes of the twin, not the facts.")
    static let from = Option("from", value: "PLACE", "Read what comes after; of a new consumer, or where there is none.", default: "beginning")
    static let until = Option("until", value: "PLACE", "Stop there; else where the log ends now.")
    static let follow = Flag("follow", "Go on as facts arrive, until Ctrl-C or SIGTERM.")
    static let types = Option("type", value: "TYPE", "Only this type, '*' for any text: 'case.*'. May be repeated.", repeats: true)
    static let subjects = Option("subject", value: "PREFIX", "Only subjects that begin so: building/. May be repeated.", repeats: true)
    static let sources = Option("source", value: "NAME", "Only facts of this source. May be repeated.", repeats: true)
    static let departments = Option("department", value: "NAME", "Only facts of this department's sources. May be repeated.", repeats: true)
    static let consumer = Option("consumer", value: "NAME", "Read as this consumer, and acknowledge what was written.")
    static let member = Option("member", value: "NAME", "Which of the consumer's processes this is.", default: "main")
    static let lease = Option("lease", value: "SECONDS", "After so long without a sign of life the consumer's other members take over.", default: "30")
    static let limit = Option("batch", value: "N", "Events that are read, written and acknowledged at a time.", default: "1000")
    static let array = Flag("json-array", "A JSON array a line, as in the media type application/cloudevents-batch+json; with --consumer.")
    static let arguments: [any Argument] = [
        twin, from, until, follow, types, subjects, sources, departments, consumer, member, lease, limit, array,
    ]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let hub = try context.openHub()
        let connection = try hub.connectAsOwner(application: "twinhub stream")
        let output = DescriptorOutput(context.out.descriptor) { Cancellation.isRequested }
        let filter = filter(input)
        if let name = input[consumer] {
            guard input[until] == nil else { throw UsageError("--until does not go with --consumer: a consumer reads what comes.") }
            try consume(name, filter, input, connection, output)
        } else {
            guard !input[array] else { throw UsageError("--json-array goes with --consumer.") }
            try read(filter, input, connection, output)
        }
        return withExtendedLifetime(hub) { .success }
    }

    /// What the options say of types, subjects, sources and departments.
    static func filter(_ input: ParsedArguments) -> Consumer.Filter {
        func list(_ option: Option) -> [String]? { input.all(option).isEmpty ? nil : input.all(option) }
        return Consumer.Filter(types: list(types), subjects: list(subjects), sources: list(sources), departments: list(departments))
    }

    /// Which stream is meant.
    static func stream(_ input: ParsedArguments) -> Consumer.Stream { input[twin] ? .twin : .log }

    /// The position that an option's PLACE means in the stream that is meant.
    static func position(_ place: String, _ input: ParsedArguments, _ connection: Connection) throws -> Int64 {
        try reader(.init(), input, connection).position(of: place)
    }

    private static func reader(_ filter: Consumer.Filter, _ input: ParsedArguments, _ connection: Connection) throws -> any EventReader {
        switch stream(input) {
        case .log: LogStream(connection, filter)
        case .twin: try ChangeStream(connection, filter)
        }
    }

    private static func read(_ filter: Consumer.Filter, _ input: ParsedArguments, _ connection: Connection, _ output: DescriptorOutput) throws {
        let stream = try reader(filter, input, connection)
        let size = try input.integer(limit, in: 1...100_000)
        var position = try stream.position(of: input.required(from))
        let end = try input[until].map { try stream.position(of: $0) }
        if input[follow], end == nil { try connection.execute("LISTEN hub") }
        var waiting = Waiting()
        while !Cancellation.isRequested {
            let before = position
            position = try stream.read(after: position, upTo: end, limit: max(size, 50_000)) { bytes, _ in
                try write(bytes, to: output)
            }
            if position > before { waiting.reset(); continue }
            guard input[follow], end.map({ position < $0 }) ?? true else { return }
            try waiting.wait(on: connection)
        }
    }

    /// A reader that has seen enough, as `head` has, ends the stream in order.
    private static func write(_ bytes: UnsafeRawBufferPointer, to output: DescriptorOutput) throws {
        guard !output.write(bytes) else { return }
        if !Cancellation.isRequested { Cancellation.request(signal: SIGPIPE) }
        throw Cancelled()
    }

    private static func consume(
        _ name: String, _ filter: Consumer.Filter, _ input: ParsedArguments, _ connection: Connection, _ output: DescriptorOutput
    ) throws {
        let size = try input.integer(limit, in: 1...100_000)
        let consumer = Consumer(name, member: try input.required(member), lease_s: try input.integer(lease, in: 1...86_400), on: connection)
        let known = try connection.query("SELECT stream FROM hub.consumer WHERE name = $1", [.text(name)]).text(0, 0)
        if let known, known != stream(input).rawValue {
            throw UsageError("The consumer \(name) reads the stream '\(known)': \(input[twin] ? "leave --twin out" : "add --twin"), or choose another name.")
        }
        if known == nil || filter != Consumer.Filter() {
            let after = known == nil ? try position(input.required(from), input, connection) : 0
            try consumer.subscribe(filter, to: stream(input), after: after)
        }
        if input[follow] { try connection.execute("LISTEN hub") }
        let writer = CloudEventWriter()
        var bytes: [UInt8] = []
        var waiting = Waiting()
        while !Cancellation.isRequested {
            bytes.removeAll(keepingCapacity: true)
            let last = try consumer.poll(limit: size) { fact in
                if input[array] { bytes.append(UInt8(ascii: bytes.isEmpty ? "[" : ",")) }
                writer.append(fact, to: &bytes)
                if !input[array] { bytes.append(UInt8(ascii: "\n")) }
            }
            if let last {
                if input[array] { bytes += "]\n".utf8 }
                try bytes.withUnsafeBytes { try write($0, to: output) }
                try consumer.acknowledge(last)
                waiting.reset()
            } else if input[follow] {
                try waiting.wait(on: connection)
            } else {
                return
            }
        }
    }
}

extension StreamError: CommandFailure {
    var exitCode: ExitCode {
        switch code {
        case .badRequest, .notDelivered: .failure
        case .unknownConsumer, .logRewound, .changesExpired: .configuration
        case .leaseLost: .temporary
        }
    }

    var explanation: String { message }
}
