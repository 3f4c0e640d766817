/// Parses one JSON value (RFC 8259) by scanning bytes.
///
/// Stricter than many: it refuses U+0000 (PostgreSQL cannot hold it), lone surrogates, repeated member names
/// and nesting beyond `Limits.depth`, each with a rule of its own; numbers keep their digits.
package enum JSONParser {
    /// Parses the bytes of one value. Throws `data` with the rule, the byte offset and the line in `bytes`.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(FormatError) -> Value {
        var scanner = JSONScanner(bytes.bindMemory(to: UInt8.self))
        let value = try scanner.value(depth: 0)
        scanner.skipSpace()
        guard scanner.atEnd else { throw scanner.fault("Text follows the end of the JSON value") }
        return value
    }

    /// Parses the bytes of one value.
    package static func parse(_ bytes: [UInt8]) throws(FormatError) -> Value {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(FormatError) in try parse(buffer) }
        }
        return try result.get()
    }

    /// Parses any other collection of bytes, copying it first.
    package static func parse(_ bytes: some Collection<UInt8>) throws(FormatError) -> Value {
        try parse(Array(bytes))
    }

    /// Parses a text.
    package static func parse(_ text: String) throws(FormatError) -> Value {
        try parse(Array(text.utf8))
    }
}
