/// A source of any encoding as UTF-8, for formats that read UTF-8 alone.
///
/// A byte that the encoding does not know becomes the byte 0xFF, which no UTF-8 contains: the reader behind
/// it then refuses just the record that holds it.
package final class TranscodedBytes: ByteSource {
    private let source: any ByteSource
    private let decoder: TextDecoder
    private var pending: [UInt8] = []
    private var ended = false

    /// Wraps a source. Throws `configuration` where the encoding is unknown.
    package init(_ source: any ByteSource, encoding: String) throws(FormatError) {
        self.source = source
        self.decoder = try TextDecoder(encoding: encoding)
    }

    /// The next bytes as UTF-8; a little more than `count` where characters grow.
    package func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        if decoder.isUTF8 { return try source.read(upTo: count) }
        var result: [UInt8] = []
        while result.isEmpty, !ended {
            let piece = try source.read(upTo: max(1, count))
            ended = piece.isEmpty
            pending += piece
            convert(into: &result)
        }
        return result
    }

    private func convert(into result: inout [UInt8]) {
        var done = 0
        pending.withUnsafeBytes { bytes in
            while true {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let step = decoder.decode(rest, last: ended)
                result.append(contentsOf: step.text)
                done += step.consumed
                if step.complete || (step.awaitsMore && !ended) { return }
                result.append(0xFF)
                done = min(bytes.count, done + decoder.unitWidth)
                if done == bytes.count { return }
            }
        }
        pending.removeFirst(done)
    }
}
