/// The text of `--help`, made from a command's declarations.
enum Help {
    static func text(for command: any Command.Type, path: String) -> String {
        var lines = [command.abstract, "", "Usage: " + usage(command, path)]
        if !command.discussion.isEmpty { lines += ["", command.discussion] }
        let commands = command.subcommands.filter { !$0.isHidden }
        if !commands.isEmpty {
            lines += ["", "Commands:"] + columns(commands.map { ($0.name, $0.abstract) })
        }
        let positionals = command.arguments.filter { $0 is Positional || $0 is Rest }
        if !positionals.isEmpty {
            lines += ["", "Arguments:"] + columns(positionals.map { ($0.key, $0.help) })
        }
        lines += ["", "Options:"] + columns(options(of: command))
        if !commands.isEmpty { lines += ["", "'\(path) COMMAND --help' says more about one of them."] }
        return lines.joined(separator: "\n") + "\n"
    }

    static func usage(_ command: any Command.Type, _ path: String) -> String {
        if !command.subcommands.isEmpty { return path + " COMMAND" }
        var words = [path]
        for case let option as Option in command.arguments where option.isRequired { words.append("\(option.key) \(option.value)") }
        let hasOptional = command.arguments.contains { $0 is Flag || ($0 as? Option)?.isRequired == false }
        if hasOptional { words.append("[options]") }
        for argument in command.arguments {
            if let rest = argument as? Rest { words.append("[\(rest.name)...]") }
            guard let positional = argument as? Positional else { continue }
            switch positional.count {
            case .one: words.append(positional.name)
            case .optional: words.append("[\(positional.name)]")
            case .any: words.append("[\(positional.name)...]")
            case .oneOrMore: words.append("\(positional.name)...")
            }
        }
        return words.joined(separator: " ")
    }

    private static func options(of command: any Command.Type) -> [(String, String)] {
        var rows: [(String, String)] = []
        for argument in command.arguments {
            if let flag = argument as? Flag {
                rows.append((flag.short.map { "-\($0), \(flag.key)" } ?? flag.key, flag.help))
            } else if let option = argument as? Option {
                let word = option.short.map { "-\($0), \(option.key)" } ?? option.key
                let suffix = option.defaultValue.map { " (default: \($0))" } ?? ""
                rows.append(("\(word) \(option.value)", option.help + suffix))
            }
        }
        return rows + [("--help", "Show this text.")]
    }

    private static func columns(_ rows: [(String, String)]) -> [String] {
        let width = min(30, rows.map { Columns.width(of: $0.0) }.max() ?? 0)
        return rows.flatMap { row -> [String] in
            let left = Columns.width(of: row.0)
            if left > width { return ["  " + row.0, "  " + String(repeating: " ", count: width + 2) + row.1] }
            return ["  " + row.0 + String(repeating: " ", count: width - left + 2) + row.1]
        }
    }
}
