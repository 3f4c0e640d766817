/// Characters of XML as text: references resolved, lines' ends made one.
enum XMLText {
    /// Why characters are none.
    struct Fault: Error {
        let rule: String
        let message: String
    }

    /// The text of character data, or of an attribute's value, in which a line's end counts as a space (sections 2.11 and 3.3.3).
    static func decode(_ bytes: UnsafeRawBufferPointer, isAttribute: Bool = false) throws(Fault) -> String {
        switch UTF8Check.check(bytes) {
        case .ascii, .utf8: break
        case .null: throw Fault(rule: Rule.nullCharacter, message: "The text holds a null character.")
        case .malformed: throw Fault(rule: Rule.undecodable, message: "The text holds bytes that are not UTF-8.")
        }
        guard bytes.contains(where: { $0 == UInt8(ascii: "&") || $0 == 0x0D || (isAttribute && ($0 == 0x0A || $0 == 0x09)) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "&"):
                at = try reference(bytes, at: at, into: &text)
            case 0x0D:
                text.append(isAttribute ? 0x20 : 0x0A)
                at += at + 1 < bytes.count && bytes[at + 1] == 0x0A ? 2 : 1
            case 0x0A, 0x09:
                text.append(isAttribute ? 0x20 : bytes[at])
                at += 1
            case let byte:
                text.append(byte)
                at += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Resolves a reference: the five of section 4.6 and numbers of characters. What a document declares itself is not known, so nothing
    /// grows.
    private static func reference(_ bytes: UnsafeRawBufferPointer, at start: Int, into text: inout [UInt8]) throws(Fault) -> Int {
        guard let end = bytes[start..<min(bytes.count, start + 12)].firstIndex(of: UInt8(ascii: ";")) else {
            throw Fault(rule: Rule.syntax, message: "An \"&\" begins no reference; as a character it is written \"&amp;\".")
        }
        let name = String(decoding: bytes[start + 1..<end], as: UTF8.self)
        if let known = ["lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": "\""][name] {
            text += known.utf8
            return end + 1
        }
        var number: UInt32?
        if name.hasPrefix("#x") { number = UInt32(name.dropFirst(2), radix: 16) } else if name.hasPrefix("#") { number = UInt32(name.dropFirst()) }
        guard let number else {
            throw Fault(rule: Rule.syntax, message: "An entity other than lt, gt, amp, apos, quot and numbers of characters is not resolved.")
        }
        guard number != 0 else { throw Fault(rule: Rule.nullCharacter, message: "The text holds a null character.") }
        guard let scalar = Unicode.Scalar(number) else { throw Fault(rule: Rule.syntax, message: "A reference names a number that is no character.") }
        text += String(Character(scalar)).utf8
        return end + 1
    }
}
