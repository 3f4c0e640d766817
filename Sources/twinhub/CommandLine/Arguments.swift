/// A declared flag, option or positional. Its `key` is unique within a command.
protocol Argument: Sendable {
    var key: String { get }
    var help: String { get }
}

/// `--name`, without a value. `input[flag]` is true where it was given.
struct Flag: Argument {
    let name: String
    let short: Character?
    let help: String
    var key: String { "--" + name }

    init(_ name: String, short: Character? = nil, _ help: String) {
        self.name = name
        self.short = short
        self.help = help
    }
}

/// `--name VALUE` or `--name=VALUE`. `input[option]` is the last value given, else the default, else nil.
struct Option: Argument {
    let name: String
    let short: Character?
    let value: String
    let help: String
    let defaultValue: String?
    let isRequired: Bool
    let repeats: Bool
    var key: String { "--" + name }

    /// - Parameters:
    ///   - value: how the help calls the value, in capitals: `N`, `FILE`.
    ///   - repeats: may be given several times; `input.all(option)` has every value.
    init(
        _ name: String, short: Character? = nil, value: String, _ help: String, default defaultValue: String? = nil,
        required: Bool = false, repeats: Bool = false
    ) {
        self.name = name
        self.short = short
        self.value = value
        self.help = help
        self.defaultValue = defaultValue
        self.isRequired = required
        self.repeats = repeats
    }
}

/// A word by its place. `input[positional]` is nil only where it is optional.
struct Positional: Argument {
    enum Count: Sendable { case one, optional, any, oneOrMore }
    let name: String
    let help: String
    let count: Count
    var key: String { name }

    /// - Parameter count: `.any` and `.oneOrMore` take all words that are left (`input.all(positional)`): declare such a one last.
    init(_ name: String, _ help: String, _ count: Count = .one) {
        self.name = name
        self.help = help
        self.count = count
    }
}

/// Everything behind the command's name, handed on untouched to another program (`twinhub psql -Atc …`).
/// Only `--help` as the first word is ours.
struct Rest: Argument {
    let name: String
    let help: String
    var key: String { name }

    init(_ name: String, _ help: String) {
        self.name = name
        self.help = help
    }
}

/// The command line is wrong: exit code 2, and the hint where help is.
struct UsageError: Error, Equatable {
    let message: String

    init(_ message: String) { self.message = message }
}

/// What was given on the command line, read by declaration: `input[flag]`, `input[option]`, `input.integer(option, in:)`.
struct ParsedArguments: Sendable, Equatable {
    /// The words that led here: `twinhub adapter run`.
    let path: String
    var flags: Set<String> = []
    var values: [String: [String]] = [:]

    init(path: String) { self.path = path }

    subscript(flag: Flag) -> Bool { flags.contains(flag.key) }
    subscript(option: Option) -> String? { values[option.key]?.last ?? option.defaultValue }
    subscript(positional: Positional) -> String? { values[positional.key]?.first }

    func all(_ option: Option) -> [String] { values[option.key] ?? option.defaultValue.map { [$0] } ?? [] }
    func all(_ positional: Positional) -> [String] { values[positional.key] ?? [] }
    func all(_ rest: Rest) -> [String] { values[rest.key] ?? [] }

    /// The value of an option or positional that must be there. The parser has checked required ones already.
    func required(_ option: Option) throws -> String {
        guard let value = self[option] else { throw UsageError("'\(path)' needs \(option.key) \(option.value).") }
        return value
    }

    func required(_ positional: Positional) throws -> String {
        guard let value = self[positional] else { throw UsageError("'\(path)' needs \(positional.name): \(positional.help)") }
        return value
    }

    /// A whole number within `range`, from the option's value or its default.
    func integer(_ option: Option, in range: ClosedRange<Int> = Int.min...Int.max) throws -> Int {
        let text = try required(option)
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("\(option.key) takes a whole number\(Self.describe(range)), not '\(text)'.")
        }
        return number
    }

    /// A decimal number within `range`.
    func decimal(_ option: Option, in range: ClosedRange<Double>) throws -> Double {
        let text = try required(option)
        guard let number = Double(text), range.contains(number) else {
            throw UsageError("\(option.key) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'.")
        }
        return number
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (Int.min, Int.max): ""
        case (let low, Int.max): " of at least \(low)"
        case (Int.min, let high): " of at most \(high)"
        case (let low, let high): " from \(low) to \(high)"
        }
    }
}
