import RecordFormats

/// An object of the manifest with its place: every key is known, each given once.
struct ManifestObject {
    /// Path of the manifest, for messages.
    let file: String
    /// What the object is, in words: "a stream", "the adapter".
    let title: String
    let value: LocatedValue
    private let members: [LocatedMember]

    /// - Parameter known: the keys that this object may have; an unknown one is an error that names the nearest.
    init(_ value: LocatedValue, _ title: String, file: String, known: [String]?) throws(AdapterError) {
        guard case .object(let members) = value.node else {
            throw AdapterError(
                .configuration, "\(title) must be an object in braces.", file: file, line: value.line, column: value.column)
        }
        self.file = file
        self.title = title
        self.value = value
        self.members = members
        var seen: Set<String> = []
        for member in members {
            guard seen.insert(member.name).inserted else {
                throw AdapterError(
                    .configuration, "\"\(member.name)\" is given twice in \(title).", file: file, line: member.line, column: member.column)
            }
            if let known, !known.contains(member.name) {
                let nearest = nearestWord(to: member.name, in: known).map { "The nearest known key is \"\($0)\"." }
                throw AdapterError(
                    .configuration, "\"\(member.name)\" is not a key of \(title).", file: file, line: member.line, column: member.column,
                    hint: nearest ?? "Known keys: \(known.joined(separator: ", ")).")
            }
        }
    }

    var all: [LocatedMember] { members }

    subscript(name: String) -> LocatedValue? { members.first { $0.name == name }?.value }

    func required(_ name: String) throws(AdapterError) -> LocatedValue {
        guard let value = self[name] else { throw fault("\"\(name)\" is missing in \(title).", at: value) }
        return value
    }

    func string(_ name: String) throws(AdapterError) -> String? {
        guard let value = self[name] else { return nil }
        return try text(of: value, "\"\(name)\" of \(title)")
    }

    func requiredString(_ name: String) throws(AdapterError) -> String {
        let value = try required(name)
        let text = try text(of: value, "\"\(name)\" of \(title)")
        guard !text.isEmpty else { throw fault("\"\(name)\" of \(title) is empty.", at: value) }
        return text
    }

    func bool(_ name: String) throws(AdapterError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard case .bool(let flag) = value.node else { throw fault("\"\(name)\" of \(title) must be true or false.", at: value) }
        return flag
    }

    func integer(_ name: String) throws(AdapterError) -> Int? {
        guard let value = self[name] else { return nil }
        guard case .number(let digits) = value.node, let number = Int(digits), number > 0 else {
            throw fault("\"\(name)\" of \(title) must be a whole number above 0.", at: value)
        }
        return number
    }

    /// A share between 0 and 1.
    func ratio(_ name: String) throws(AdapterError) -> Double? {
        guard let value = self[name] else { return nil }
        guard case .number(let digits) = value.node, let number = Double(digits), (0...1).contains(number) else {
            throw fault("\"\(name)\" of \(title) must be a number from 0 to 1.", at: value)
        }
        return number
    }

    /// One of a few words.
    func word(_ name: String, of known: [String]) throws(AdapterError) -> String? {
        guard let value = self[name] else { return nil }
        let text = try text(of: value, "\"\(name)\" of \(title)")
        guard known.contains(text) else {
            throw fault("\"\(name)\" of \(title) must be one of \(known.joined(separator: ", ")).", at: value)
        }
        return text
    }

    /// A list of texts; a single text counts as a list of one.
    func strings(_ name: String) throws(AdapterError) -> [String]? {
        guard let value = self[name] else { return nil }
        if case .string(let one) = value.node { return [one] }
        guard case .array(let items) = value.node else {
            throw fault("\"\(name)\" of \(title) must be a text or a list of texts.", at: value)
        }
        var texts: [String] = []
        for item in items { texts.append(try text(of: item, "every entry of \"\(name)\" of \(title)")) }
        return texts
    }

    /// A length of time such as `10m` (s, m, h, d), in seconds.
    func duration_s(_ name: String) throws(AdapterError) -> Int? {
        guard let value = self[name] else { return nil }
        let text = try text(of: value, "\"\(name)\" of \(title)")
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), count > 0, count < 1_000_000 else {
            throw fault("\"\(name)\" of \(title) must be a length of time such as \"10m\" (s, m, h or d).", at: value)
        }
        return count * unit
    }

    func text(of value: LocatedValue, _ what: String) throws(AdapterError) -> String {
        guard case .string(let text) = value.node else { throw fault("\(what) must be a text in quotation marks.", at: value) }
        return text
    }

    func fault(_ message: String, at value: LocatedValue, hint: String? = nil) -> AdapterError {
        AdapterError(.configuration, message, file: file, line: value.line, column: value.column, hint: hint)
    }
}
