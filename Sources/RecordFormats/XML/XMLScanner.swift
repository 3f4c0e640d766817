/// One piece of an XML document (XML 1.0, fifth edition, section 2), found without decoding it.
struct XMLToken {
    enum Kind: Equatable {
        /// `<name …>`, or `<name …/>`.
        case start(isEmpty: Bool)
        /// `</name>`
        case end
        /// Characters up to the next markup, or to the last byte that is there.
        case text
        /// `<![CDATA[…]]>`
        case characters
        /// A comment or a processing instruction.
        case skipped
        /// `<!DOCTYPE …` and other declarations.
        case declaration
        /// It goes on behind the bytes that are there.
        case incomplete
        /// No markup of XML.
        case broken
    }

    let kind: Kind
    /// Of elements, and of broken start tags: where their name is.
    var name: Range<Int> = 0..<0
    /// The first byte behind it.
    let end: Int
}

/// Cuts bytes of UTF-8 into XML's pieces.
///
/// Our own, since Foundation's `XMLParser` gives up a whole document for one bad character, tells no bytes of a piece, and resolves
/// what a DOCTYPE declares. Without a DOCTYPE the grammar is small.
enum XMLScanner {
    /// The piece that begins at `start`, which must lie within the bytes.
    static func next(_ bytes: UnsafeRawBufferPointer, from start: Int) -> XMLToken {
        guard bytes[start] == UInt8(ascii: "<") else {
            var at = start + 1
            while at < bytes.count, bytes[at] != UInt8(ascii: "<") { at &+= 1 }
            return XMLToken(kind: .text, end: at)
        }
        guard start + 1 < bytes.count else { return XMLToken(kind: .incomplete, end: bytes.count) }
        switch bytes[start + 1] {
        case UInt8(ascii: "/"): return endTag(bytes, from: start)
        case UInt8(ascii: "?"): return piece(bytes, from: start + 2, to: "?>", .skipped)
        case UInt8(ascii: "!"): return declaration(bytes, from: start)
        default: return startTag(bytes, from: start)
        }
    }

    private static func declaration(_ bytes: UnsafeRawBufferPointer, from start: Int) -> XMLToken {
        let pieces: [(opening: String, closing: StaticString, kind: XMLToken.Kind)] = [("<!--", "-->", .skipped), ("<![CDATA[", "]]>", .characters)]
        for (opening, closing, kind) in pieces {
            let length = min(opening.utf8.count, bytes.count - start)
            guard bytes[start..<start + length].elementsEqual(opening.utf8.prefix(length)) else { continue }
            if length < opening.utf8.count { return XMLToken(kind: .incomplete, end: bytes.count) }
            return piece(bytes, from: start + length, to: closing, kind)
        }
        return XMLToken(kind: .declaration, end: bytes.count)
    }

    private static func piece(_ bytes: UnsafeRawBufferPointer, from start: Int, to closing: StaticString, _ kind: XMLToken.Kind) -> XMLToken {
        let length = closing.utf8CodeUnitCount
        var at = start
        while at + length <= bytes.count {
            if bytes[at] == closing.utf8Start[0], (1..<length).allSatisfy({ bytes[at + $0] == closing.utf8Start[$0] }) {
                return XMLToken(kind: kind, end: at + length)
            }
            at &+= 1
        }
        return XMLToken(kind: .incomplete, end: bytes.count)
    }

    private static func endTag(_ bytes: UnsafeRawBufferPointer, from start: Int) -> XMLToken {
        let nameEnd = endOfName(bytes, from: start + 2)
        let close = skipBlanks(bytes, from: nameEnd)
        guard close < bytes.count else { return XMLToken(kind: .incomplete, end: bytes.count) }
        guard nameEnd > start + 2, bytes[close] == UInt8(ascii: ">") else { return XMLToken(kind: .broken, end: close) }
        return XMLToken(kind: .end, name: start + 2..<nameEnd, end: close + 1)
    }

    private static func startTag(_ bytes: UnsafeRawBufferPointer, from start: Int) -> XMLToken {
        let nameEnd = endOfName(bytes, from: start + 1)
        if nameEnd == start + 1 { return XMLToken(kind: nameEnd < bytes.count ? .broken : .incomplete, end: nameEnd) }
        var at = nameEnd
        var quote: UInt8 = 0
        while at < bytes.count {
            let byte = bytes[at]
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return XMLToken(kind: .start(isEmpty: bytes[at - 1] == UInt8(ascii: "/")), name: start + 1..<nameEnd, end: at + 1)
            }
            // A quote that is not closed would run through the whole document: no attribute holds this character.
            if byte == UInt8(ascii: "<") { return XMLToken(kind: .broken, name: start + 1..<nameEnd, end: at) }
            at &+= 1
        }
        return XMLToken(kind: .incomplete, end: bytes.count)
    }

    /// Where a name ends that begins here: before a blank or one of the characters that end it.
    static func endOfName(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at < bytes.count, !isBlank(bytes[at]) {
            switch bytes[at] {
            case UInt8(ascii: ">"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "<"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "&"): return at
            default: at &+= 1
            }
        }
        return at
    }

    static func skipBlanks(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at < bytes.count, isBlank(bytes[at]) { at &+= 1 }
        return at
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
