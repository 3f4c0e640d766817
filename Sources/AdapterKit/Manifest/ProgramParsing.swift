import RecordFormats

extension Input {
    /// A program that an input starts.
    package struct Program: Sendable {
        /// A value of its environment.
        enum Setting: Sendable {
            case text(String)
            case secret(Secret)
        }
        /// The program and its arguments, as the manifest has them.
        package let words: [String]
        let environment: [String: Setting]
        let timeout_s: Int?
    }

    /// The records that a program prints.
    package struct Command: Sendable {
        package let program: Program
        package let format: Format
        /// Encoding of formats other than CSV, where it is not UTF-8.
        let encoding: String?
        package let samples: Samples?
        /// What `{cursor}` stands for before anything was read.
        let start: String
    }

    /// The records that are piped into `run`.
    package struct Piped: Sendable {
        package let format: Format
        let encoding: String?
        package let samples: Samples?
    }
}

extension InputParsing {
    func command(_ value: LocatedValue) throws(AdapterError) -> Input.Command {
        let object = try ManifestObject(
            value, "a command input", file: file, known: ["kind", "run", "format", "environment", "timeout", "start", "samples", "cursor"])
        let (format, encoding) = try format(try object.required("format"))
        return Input.Command(
            program: try program(object), format: format, encoding: encoding, samples: try samples(object, format: format, encoding: encoding),
            start: try object.string("start") ?? "")
    }

    func piped(_ value: LocatedValue) throws(AdapterError) -> Input.Piped {
        let object = try ManifestObject(value, "a stdin input", file: file, known: ["kind", "format", "samples"])
        let (format, encoding) = try format(try object.required("format"))
        return Input.Piped(format: format, encoding: encoding, samples: try samples(object, format: format, encoding: encoding))
    }

    /// `run`, `environment` and `timeout` of an input that starts a program.
    func program(_ object: ManifestObject) throws(AdapterError) -> Input.Program {
        let place = try object.required("run")
        guard case .array = place.node, let words = try object.strings("run"), let first = words.first, !first.isEmpty else {
            throw object.fault(
                "\"run\" of \(object.title) must be a list: the program and its arguments.", at: place, hint: "Write run: [\"./pull.sh\", \"--all\"].")
        }
        return Input.Program(words: words, environment: try environment(object), timeout_s: try object.duration_s("timeout"))
    }

    private func environment(_ object: ManifestObject) throws(AdapterError) -> [String: Input.Program.Setting] {
        guard let value = object["environment"] else { return [:] }
        var settings: [String: Input.Program.Setting] = [:]
        for member in try ManifestObject(value, "\"environment\" of \(object.title)", file: file, known: nil).all {
            guard !member.name.isEmpty, !member.name.contains("="), !member.name.contains("\0") else {
                throw object.fault("A name in \"environment\" is empty or holds \"=\".", at: member.value)
            }
            settings[member.name] =
                if case .object = member.value.node {
                    .secret(try object.secret(member.value, "\"\(member.name)\" of the environment"))
                } else {
                    .text(try object.text(of: member.value, "\"\(member.name)\" of the environment"))
                }
        }
        return settings
    }
}
