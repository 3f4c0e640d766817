/// What an XML document's first bytes say about its encoding (XML 1.0, appendix F).
enum XMLEncoding {
    /// The source as UTF-8.
    /// - Parameter declared: the manifest's word, which counts more than the document's.
    static func utf8(_ source: any ByteSource, declared: String?) throws(FormatError) -> any ByteSource {
        if let declared { return try TranscodedBytes(source, encoding: declared) }
        var start: [UInt8] = []
        while start.count < 256 {
            let piece = try source.read(upTo: 256 - start.count)
            if piece.isEmpty { break }
            start += piece
        }
        let whole = PrefixedBytes(start, source)
        if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return try TranscodedBytes(whole, encoding: "utf-16") }
        guard let named = name(in: start), !["utf-8", "us-ascii"].contains(named.lowercased()) else { return whole }
        return try TranscodedBytes(whole, encoding: named)
    }

    /// `gb2312` of `<?xml version="1.0" encoding="gb2312"?>`.
    private static func name(in start: [UInt8]) -> String? {
        let text = String(decoding: start, as: UTF8.self)
        guard let begin = text.firstRange(of: "<?xml"), let end = text.firstRange(of: "?>"), begin.upperBound <= end.lowerBound,
            let key = text[begin.upperBound..<end.lowerBound].firstRange(of: "encoding")
        else { return nil }
        let parts = text[key.upperBound..<end.lowerBound].split(omittingEmptySubsequences: false) { $0 == "\"" || $0 == "'" }
        return parts.count >= 3 ? String(parts[1]) : nil
    }
}

/// Bytes that were read ahead, and those behind them.
private final class PrefixedBytes: ByteSource {
    private var prefix: ArraySlice<UInt8>
    private let rest: any ByteSource

    init(_ prefix: [UInt8], _ rest: any ByteSource) {
        self.prefix = prefix[...]
        self.rest = rest
    }

    func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        if prefix.isEmpty { return try rest.read(upTo: count) }
        defer { prefix = prefix.dropFirst(count) }
        return Array(prefix.prefix(count))
    }
}
