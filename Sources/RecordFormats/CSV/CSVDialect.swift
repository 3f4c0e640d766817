/// The checked bytes of a dialect.
struct CSVDialect {
    let delimiter: UInt8
    let quote: UInt8?

    init(_ options: CSVOptions) throws(FormatError) {
        func oneByte(_ text: String, _ name: String) throws(FormatError) -> UInt8 {
            guard let byte = text.utf8.first, text.utf8.count == 1, byte < 0x80, byte != 0, byte != 0x0A, byte != 0x0D else {
                throw FormatError(
                    .configuration, "The CSV \(name) must be one ASCII character other than a line's end.",
                    advice: "Use for example \",\", \";\", \"|\" or a tab.")
            }
            return byte
        }
        delimiter = try oneByte(options.delimiter, "delimiter")
        quote = options.quote.isEmpty ? nil : try oneByte(options.quote, "quote")
        guard delimiter != quote else {
            throw FormatError(.configuration, "The CSV delimiter and quote are the same character.", advice: "Change one of them.")
        }
        if case .names(let names) = options.header, names.isEmpty {
            throw FormatError(.configuration, "The list of CSV column names is empty.", advice: "Name the columns or use the header row.")
        }
    }

    /// Whether these separators can be found in the encoding's bytes without decoding them.
    func canSplit(_ decoder: TextDecoder) -> Bool {
        if decoder.isUTF8 || decoder.isSingleByte { return true }
        // Trail bytes of the multi-byte encodings in use begin at 0x30 (GB18030's digits) and at 0x40.
        func isNeverTrail(_ byte: UInt8) -> Bool { byte < 0x30 || 0x3A...0x3F ~= byte }
        return decoder.isASCIICompatible && isNeverTrail(delimiter) && (quote.map(isNeverTrail) ?? true)
    }

    /// Names without gaps and repetitions: an empty one becomes `column_N`, a repeated one gets `_2`, `_3` ….
    static func unique(_ names: [String]) -> [String] {
        let given = Set(names)
        var used: Set<String> = []
        return names.enumerated().map { position, name in
            let base = name.isEmpty ? "column_\(position + 1)" : name
            var candidate = base
            var number = 2
            while used.contains(candidate) || (candidate != name && given.contains(candidate)) {
                candidate = "\(base)_\(number)"
                number += 1
            }
            used.insert(candidate)
            return candidate
        }
    }
}
