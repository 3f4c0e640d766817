/// The shapes of the records seen, so that records of the same members share one.
struct ShapeCache {
    /// The shape of the last record.
    private(set) var last: RecordShape?
    private var known: [[String]: RecordShape] = [:]
    private var names = MemberNames()
    /// By the bytes of `MemberNames`.
    private var unparsed: [[UInt8]: RecordShape] = [:]
    private var lastUnparsed: (names: MemberNames, shape: RecordShape)?

    /// Enough for the optional members of any source; beyond it the cache starts anew and memory stays flat.
    private static let limit = 1024

    /// The shape of these names.
    mutating func shape(_ names: [String]) -> RecordShape {
        if let last, last.names == names { return last }
        if let found = known[names] {
            last = found
            return found
        }
        if known.count >= Self.limit { known.removeAll() }
        let made = RecordShape(names: names)
        known[names] = made
        last = made
        return made
    }

    mutating func shape(of members: [Member]) -> RecordShape {
        if let last, last.names.count == members.count, zip(last.names, members).allSatisfy({ $0 == $1.name }) { return last }
        return shape(members.map(\.name))
    }

    /// The shape of an object that was not parsed; nil where only parsing tells, as with the first of its kind.
    mutating func shape(ofUnparsed object: UnsafeRawBufferPointer) -> RecordShape? {
        if let lastUnparsed, lastUnparsed.names.match(object) { return lastUnparsed.shape }
        guard names.read(object), let shape = unparsed[names.bytes] else { return nil }
        lastUnparsed = (names, shape)
        return shape
    }

    private mutating func learn(_ shape: RecordShape, from object: UnsafeRawBufferPointer) {
        guard lastUnparsed?.shape !== shape, names.read(object) else { return }
        if unparsed.count >= Self.limit { unparsed.removeAll() }
        unparsed[names.bytes] = shape
        lastUnparsed = (names, shape)
    }

    /// The record of one JSON object, or why it is none. Where it has the names of one before, they are not decoded again.
    mutating func outcome(of bytes: UnsafeRawBufferPointer, line: Int) -> ReadOutcome {
        if let shape = shape(ofUnparsed: bytes) {
            var scanner = JSONScanner(bytes.bindMemory(to: UInt8.self))
            if let values = try? scanner.values(count: shape.names.count) {
                last = shape
                return .record(Record(shape: shape, values: values, line: line, raw: Array(bytes)))
            }
        }
        // The whole way words what is wrong with it.
        let outcome = outcome(of: bytes, line: line, raw: Array(bytes))
        if case .record(let record) = outcome { learn(record.shape, from: bytes) }
        return outcome
    }

    /// The record of one JSON object, or why it is none; `key` becomes its column `$key`.
    mutating func outcome(of bytes: UnsafeRawBufferPointer, line: Int, raw: [UInt8], key: String? = nil) -> ReadOutcome {
        do throws(FormatError) {
            let value = try JSONParser.parse(bytes)
            guard case .object(var members) = value else {
                return .refused(
                    Refusal(
                        line: line, raw: raw, rule: Rule.syntax,
                        message: "A record must be a JSON object; this one is of the kind \(value.kindName)."))
            }
            if let key, value[member: "$key"] == nil { members.append(Member(name: "$key", value: .text(key))) }
            let shape = shape(of: members)
            return .record(Record(shape: shape, values: members.map(\.value), line: line, raw: raw))
        } catch {
            return .refused(Refusal(line: line, raw: raw, rule: error.rule ?? Rule.syntax, message: error.what))
        }
    }

    /// The record of one GeoJSON feature (RFC 7946, section 3.2), or why it is none.
    mutating func feature(of bytes: UnsafeRawBufferPointer, line: Int, raw: [UInt8]) -> ReadOutcome {
        func refused(_ rule: String, _ message: String) -> ReadOutcome {
            .refused(Refusal(line: line, raw: raw, rule: rule, message: message))
        }
        do throws(FormatError) {
            let value = try JSONParser.parse(bytes)
            guard value[member: "type"] == .text("Feature") else {
                return refused(Rule.syntax, "The element is no GeoJSON feature: its \"type\" is not \"Feature\".")
            }
            var names: [String] = []
            var values: [Value] = []
            switch value[member: "properties"] {
            case .object(let members)?:
                for member in members {
                    // A property must not hide the feature's own geometry and id.
                    let own = member.name == "geometry" || member.name == "$id"
                    names.append(own ? "properties.\(member.name)" : member.name)
                    values.append(member.value)
                }
            case .null?, nil: break
            default: return refused(Rule.syntax, "The feature's \"properties\" are neither an object nor null.")
            }
            let geometry = value[member: "geometry"] ?? .null
            switch geometry {
            case .object, .null: break
            default: return refused(Rule.syntax, "The feature's \"geometry\" is neither an object nor null.")
            }
            names += ["geometry", "$id"]
            values += [geometry, value[member: "id"] ?? .null]
            return .record(Record(shape: shape(names), values: values, line: line, raw: raw))
        } catch {
            return refused(error.rule ?? Rule.syntax, error.what)
        }
    }
}
