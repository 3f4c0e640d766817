/// One element with all that is in it, as values.
///
/// An attribute is the member `@name`. Child elements are members by their names as written, several of one name a list. An element with
/// nothing but text is that text, without the white space around it; beside attributes or children the text is `#text`. `xsi:nil="true"`
/// is null. Declarations of namespaces are left out.
struct XMLElement {
    private final class Node {
        let name: String
        var members: [Member] = []
        /// Places in `members`, by name.
        var places: [String: Int] = [:]
        /// Names of children that came more than once.
        var repeated: Set<String> = []
        var text = ""
        var isNil = false

        init(_ name: String) { self.name = name }

        func add(_ name: String, _ value: Value) {
            guard let place = places[name] else {
                places[name] = members.count
                return members.append(Member(name: name, value: value))
            }
            if repeated.contains(name), case .array(var list) = members[place].value {
                members[place].value = .null
                list.append(value)
                members[place].value = .array(list)
            } else {
                members[place].value = .array([members[place].value, value])
                repeated.insert(name)
            }
        }

        func value(trims: Bool) -> Value {
            let text = trims ? XMLElement.trimmed(self.text) : self.text
            if members.isEmpty { return isNil ? .null : .text(text) }
            return .object(members + (XMLElement.trimmed(text).isEmpty ? [] : [Member(name: "#text", value: .text(text))]))
        }
    }

    /// The members of an element.
    /// - Parameters:
    ///   - bytes: from its start tag to its end tag.
    ///   - trims: whether white space around text is left out.
    static func members(_ bytes: UnsafeRawBufferPointer, trims: Bool = true) throws(XMLText.Fault) -> [Member] {
        var open: [Node] = []
        var at = 0
        while at < bytes.count {
            let token = XMLScanner.next(bytes, from: at)
            switch token.kind {
            case .start(let isEmpty):
                guard open.count < Limits.depth else { throw fault("The element is nested too deeply.") }
                let node = Node(try XMLText.decode(UnsafeRawBufferPointer(rebasing: bytes[token.name])))
                try attributes(UnsafeRawBufferPointer(rebasing: bytes[token.name.upperBound..<token.end - (isEmpty ? 2 : 1)]), into: node)
                open.append(node)
                if isEmpty, let done = close(&open, trims) { return done }
            case .end:
                guard let node = open.last, bytes[token.name].elementsEqual(node.name.utf8) else { throw fault("An end tag does not match its start tag.") }
                if let done = close(&open, trims) { return done }
            case .text: open.last?.text += try XMLText.decode(UnsafeRawBufferPointer(rebasing: bytes[at..<token.end]))
            case .characters:
                let inner = UnsafeRawBufferPointer(rebasing: bytes[at + 9..<token.end - 3])
                switch UTF8Check.check(inner) {
                case .ascii, .utf8: open.last?.text += String(decoding: inner, as: UTF8.self)
                case .null: throw XMLText.Fault(rule: Rule.nullCharacter, message: "The text holds a null character.")
                case .malformed: throw XMLText.Fault(rule: Rule.undecodable, message: "The text holds bytes that are not UTF-8.")
                }
            case .skipped: break
            case .declaration, .incomplete, .broken: throw fault("The element is not well-formed.")
            }
            at = token.end
        }
        throw fault("The element has no end.")
    }

    /// Ends the innermost open element; gives the members of the outermost one.
    private static func close(_ open: inout [Node], _ trims: Bool) -> [Member]? {
        guard let node = open.popLast() else { return nil }
        if let parent = open.last {
            parent.add(node.name, node.value(trims: trims))
            return nil
        }
        switch node.value(trims: trims) {
        case .object(let members): return members
        case .text(let text) where !text.isEmpty: return [Member(name: "#text", value: .text(text))]
        default: return []
        }
    }

    private static func attributes(_ bytes: UnsafeRawBufferPointer, into node: Node) throws(XMLText.Fault) {
        var at = XMLScanner.skipBlanks(bytes, from: 0)
        while at < bytes.count {
            let nameEnd = XMLScanner.endOfName(bytes, from: at)
            let equals = XMLScanner.skipBlanks(bytes, from: nameEnd)
            guard nameEnd > at, equals < bytes.count, bytes[equals] == UInt8(ascii: "=") else { throw fault("An attribute has no value.") }
            let opening = XMLScanner.skipBlanks(bytes, from: equals + 1)
            guard opening < bytes.count, bytes[opening] == UInt8(ascii: "\"") || bytes[opening] == UInt8(ascii: "'"),
                let closing = bytes[(opening + 1)...].firstIndex(of: bytes[opening])
            else { throw fault("The value of an attribute stands in no quotation marks.") }
            let name = try XMLText.decode(UnsafeRawBufferPointer(rebasing: bytes[at..<nameEnd]))
            let value = try XMLText.decode(UnsafeRawBufferPointer(rebasing: bytes[opening + 1..<closing]), isAttribute: true)
            if name == "xsi:nil" {
                node.isNil = value == "true" || value == "1"
            } else if name != "xmlns", !name.hasPrefix("xmlns:") {
                guard node.places["@" + name] == nil else { throw XMLText.Fault(rule: Rule.duplicateKey, message: "An attribute is given twice.") }
                node.add("@" + name, .text(value))
            }
            at = XMLScanner.skipBlanks(bytes, from: closing + 1)
        }
    }

    private static func fault(_ message: String) -> XMLText.Fault { XMLText.Fault(rule: Rule.syntax, message: message) }

    private static func trimmed(_ text: String) -> String {
        let utf8 = text.utf8
        guard let first = utf8.first, let last = utf8.last, XMLScanner.isBlank(first) || XMLScanner.isBlank(last) else { return text }
        var rest = Substring(text)
        while let byte = rest.utf8.first, XMLScanner.isBlank(byte) { rest = rest.dropFirst() }
        while let byte = rest.utf8.last, XMLScanner.isBlank(byte) { rest = rest.dropLast() }
        return String(rest)
    }
}
