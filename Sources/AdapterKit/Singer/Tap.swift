import RecordFormats

extension Input {
    /// A Singer tap.
    package struct Tap: Sendable {
        /// Where its catalog comes from.
        enum Catalog: Sendable {
            /// The tap is asked for it each time (`--discover`).
            case discovered
            /// A file, relative to the adapter's folder.
            case file(String)
            /// The tap has none.
            case none
        }

        /// One setting of a configuration, secrets by reference.
        indirect enum Setting: Sendable {
            case value(Value)
            case secret(Secret)
            case object([(name: String, value: Setting)])
            case array([Setting])
        }

        package let program: Program
        let config: Setting
        let catalog: Catalog
        /// Tells the states of several taps of an adapter apart.
        let name: String?
        package let samples: Samples?
        /// Of the input in the manifest.
        let line: Int

        /// Under which its STATE stands in `hub.cursor`.
        var cursor: String { "#singer" + (name.map { " " + $0 } ?? "") }
    }

    /// What a stream says to its tap.
    package struct TapStream: Sendable {
        /// The tap's name of the stream: its `tap_stream_id` or `stream`.
        package let name: String
        /// FULL_TABLE, INCREMENTAL or LOG_BASED; nil leaves it to the tap.
        let replicationMethod: String?
        let replicationKey: String?
    }
}

extension InputParsing {
    func tap(_ value: LocatedValue) throws(AdapterError) -> Input.Tap {
        let object = try ManifestObject(
            value, "a singer input", file: file, known: ["kind", "run", "config", "catalog", "environment", "timeout", "name", "samples"])
        let config: Input.Tap.Setting = if let config = object["config"] { try setting(config, object) } else { .object([]) }
        guard case .object = config else { throw object.fault("\"config\" of a singer input must be an object.", at: try object.required("config")) }
        let catalog: Input.Tap.Catalog =
            switch try object.string("catalog") {
            case nil, "discover": .discovered
            case "none": .none
            case let path?: .file(path)
            }
        return Input.Tap(
            program: try program(object), config: config, catalog: catalog, name: try object.string("name"),
            samples: try samples(object, format: .singer(streams: []), encoding: nil), line: value.line)
    }

    /// An object whose only member is "secret" is one.
    private func setting(_ value: LocatedValue, _ object: ManifestObject) throws(AdapterError) -> Input.Tap.Setting {
        switch value.node {
        case .object(let members) where members.count == 1 && members[0].name == "secret":
            return .secret(try object.secret(value, "the tap's configuration"))
        case .object(let members):
            var settings: [(name: String, value: Input.Tap.Setting)] = []
            for member in members { settings.append((member.name, try setting(member.value, object))) }
            return .object(settings)
        case .array(let elements):
            var settings: [Input.Tap.Setting] = []
            for element in elements { settings.append(try setting(element, object)) }
            return .array(settings)
        default: return .value(value.plain)
        }
    }
}

extension Input.Tap.Setting {
    /// The setting with its secrets, which are also added to a list.
    func resolved(environment: [String: String], folder: String, secrets: inout [String]) throws(AdapterError) -> Value {
        switch self {
        case .value(let value): return value
        case .secret(let secret):
            let text = try secret.value("a setting of the tap", environment: environment, folder: folder)
            secrets.append(text)
            return .text(text)
        case .object(let settings):
            var members: [Member] = []
            for (name, setting) in settings {
                members.append(Member(name: name, value: try setting.resolved(environment: environment, folder: folder, secrets: &secrets)))
            }
            return .object(members)
        case .array(let settings):
            var values: [Value] = []
            for setting in settings { values.append(try setting.resolved(environment: environment, folder: folder, secrets: &secrets)) }
            return .array(values)
        }
    }
}
