/// Words of a command line → a command and its arguments. Pure: no output, no exit.
struct Parser {
    /// What the words ask for.
    enum Request {
        case run(any Command.Type, ParsedArguments)
        case help(any Command.Type, path: String)
        case version
    }

    let root: any Command.Type

    /// - Parameter words: without the program's name.
    /// - Throws: `UsageError` in one full sentence that names the nearest known word.
    func parse(_ words: [String]) throws -> Request {
        var words = words[...]
        var command = root
        var path = root.name
        if words.first == "--version" { return .version }
        if words.first == "help" {
            words.removeFirst()
            for word in words { (command, path) = try descend(command, path, word) }
            return .help(command, path: path)
        }
        while let word = words.first, !command.subcommands.isEmpty {
            // A command of its own right that has others below it: what names none of them is its own.
            if !command.arguments.isEmpty, !command.subcommands.contains(where: { $0.name == word }) { break }
            if word == "--help" || word == "-h" { return .help(command, path: path) }
            if word.hasPrefix("-") { throw unknown(option: word, of: command, path) }
            (command, path) = try descend(command, path, word)
            words.removeFirst()
        }
        if !command.subcommands.isEmpty, command.arguments.isEmpty {
            return path == root.name ? .help(command, path: path) : .run(command, ParsedArguments(path: path))
        }
        guard let input = try arguments(of: command, path, words) else { return .help(command, path: path) }
        return .run(command, input)
    }

    private func descend(_ command: any Command.Type, _ path: String, _ word: String) throws -> (any Command.Type, String) {
        if let found = command.subcommands.first(where: { $0.name == word }) { return (found, path + " " + word) }
        let known = command.subcommands.filter { !$0.isHidden }.map { $0.name }
        let hint = Nearest.to(word, among: known).map { " Did you mean '\($0)'?" } ?? ""
        throw UsageError("'\(path)' has no command '\(word)'.\(hint)")
    }

    /// nil where help was asked for.
    private func arguments(of command: any Command.Type, _ path: String, _ words: ArraySlice<String>) throws -> ParsedArguments? {
        var input = ParsedArguments(path: path)
        if let rest = command.arguments.compactMap({ $0 as? Rest }).first {
            if words.first == "--help" { return nil }
            input.values[rest.key] = Array(words)
            return input
        }
        var positionals: [String] = []
        var words = words
        var optionsEnded = false
        while let word = words.popFirst() {
            if optionsEnded || word == "-" || !word.hasPrefix("-") {
                positionals.append(word)
            } else if word == "--" {
                optionsEnded = true
            } else if word == "--help" || word == "-h" {
                return nil
            } else {
                try take(option: word, &words, &input, command)
            }
        }
        try place(positionals, &input, command)
        for case let option as Option in command.arguments where option.isRequired && input[option] == nil {
            throw UsageError("'\(path)' needs \(option.key) \(option.value): \(option.help)")
        }
        return input
    }

    private func take(
        option word: String, _ words: inout ArraySlice<String>, _ input: inout ParsedArguments, _ command: any Command.Type
    ) throws {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        for argument in command.arguments {
            if let flag = argument as? Flag, matches(name, flag.name, flag.short) {
                if parts.count == 2 { throw UsageError("\(flag.key) takes no value.") }
                input.flags.insert(flag.key)
                return
            }
            if let option = argument as? Option, matches(name, option.name, option.short) {
                guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
                    throw UsageError("\(option.key) needs a value: \(option.key) \(option.value).")
                }
                if !option.repeats, input.values[option.key] != nil { throw UsageError("\(option.key) is given twice.") }
                input.values[option.key, default: []].append(value)
                return
            }
        }
        throw unknown(option: name, of: command, input.path)
    }

    private func matches(_ word: String, _ name: String, _ short: Character?) -> Bool {
        word == "--" + name || short.map { word == "-" + String($0) } == true
    }

    private func place(_ words: [String], _ input: inout ParsedArguments, _ command: any Command.Type) throws {
        var words = words[...]
        for case let positional as Positional in command.arguments {
            switch positional.count {
            case .one, .optional:
                if let word = words.popFirst() {
                    input.values[positional.key] = [word]
                } else if positional.count == .one {
                    throw UsageError("'\(input.path)' needs \(positional.name): \(positional.help)")
                }
            case .any, .oneOrMore:
                if words.isEmpty, positional.count == .oneOrMore {
                    throw UsageError("'\(input.path)' needs at least one \(positional.name): \(positional.help)")
                }
                input.values[positional.key] = Array(words)
                words = []
            }
        }
        if let extra = words.first { throw UsageError("'\(input.path)' does not take '\(extra)'.") }
    }

    private func unknown(option word: String, of command: any Command.Type, _ path: String) -> UsageError {
        let known = command.arguments.filter { $0 is Flag || $0 is Option }.map(\.key) + ["--help"]
        let hint = Nearest.to(word, among: known).map { " Did you mean \($0)?" } ?? ""
        return UsageError("'\(path)' has no option \(word).\(hint)")
    }
}

/// The nearest known word to a mistyped one.
enum Nearest {
    /// nil where nothing is near enough to be worth a question: more than a third of the letters would have to change.
    static func to(_ word: String, among known: [String]) -> String? {
        let scored = known.map { (word: $0, distance: distance(Array(word), Array($0))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        if best.word.hasPrefix(word), word.count >= 3 { return best.word }
        return best.distance <= max(1, (best.word.count + 1) / 3) ? best.word : nil
    }

    /// Edits (insert, delete, replace, swap of neighbours) from one word to the other.
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var rows = [Array(0...b.count)]
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
