#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Decodes text of any encoding that the system's iconv knows into UTF-8, exact to the byte.
///
/// One decoder belongs to one thread at a time.
package final class TextDecoder {
    /// The encoding's name as declared.
    package let encoding: String
    /// Whether the encoding is UTF-8 itself, which is checked without iconv.
    package let isUTF8: Bool
    /// Whether the bytes 1 to 127 always mean the ASCII characters, except inside multi-byte characters.
    let isASCIICompatible: Bool
    /// Whether every character is one byte.
    let isSingleByte: Bool
    /// The width of a code unit in bytes: 2 for UTF-16, 4 for UTF-32.
    let unitWidth: Int
    private let converter: Converter?

    /// Opens an encoding. Throws `configuration` where this system's iconv does not know the name.
    package init(encoding: String) throws(FormatError) {
        let plain = encoding.lowercased().filter { $0 != "-" && $0 != "_" }
        self.encoding = encoding
        isUTF8 = plain == "utf8"
        unitWidth = plain.contains("utf16") || plain.contains("ucs2") ? 2 : plain.contains("utf32") || plain.contains("ucs4") ? 4 : 1
        if isUTF8 {
            (converter, isASCIICompatible, isSingleByte) = (nil, true, false)
            return
        }
        // These never hold a character back, so a text needs no second call to end it.
        let holdsNothingBack = ["gb18030", "gbk", "cp936", "gb2312", "euccn", "big5", "latin1", "iso88591", "windows1252", "cp1252"]
            .contains(plain)
        guard Self.isPlainName(encoding), let opened = Converter(encoding, needsEnding: !holdsNothingBack) else {
            throw FormatError(
                .configuration, "The encoding \"\(encoding)\" is unknown to this system's iconv.",
                advice: "`iconv -l` lists the names; use for example utf-8, gb18030, gbk, big5 or windows-1252.")
        }
        converter = opened
        let stateful = ["iso2022", "csiso2022", "hz", "utf7", "unicode"].contains { plain.hasPrefix($0) }
        isASCIICompatible = !stateful && unitWidth == 1 && opened.keepsASCII()
        isSingleByte = isASCIICompatible && opened.hasNoSequences()
    }

    /// A suffix such as //IGNORE would drop characters without a word.
    private static func isPlainName(_ name: String) -> Bool {
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.:+()"
        return !name.isEmpty && name.lowercased().allSatisfy { allowed.contains($0) }
    }

    /// The text of some bytes. Throws `data` with the offset of the first byte that the encoding does not know.
    package func decode(_ bytes: [UInt8]) throws(FormatError) -> String {
        let (text, offset) = bytes.withUnsafeBytes { input in
            let step = decode(input)
            return (step.complete ? String(decoding: step.text, as: UTF8.self) : "", step.consumed)
        }
        guard offset == bytes.count else {
            throw FormatError(
                .data, rule: Rule.undecodable, "The text contains bytes that are not \(encoding), at byte \(offset + 1).", offset: offset)
        }
        return text
    }

    /// What one decoding did.
    struct Step {
        /// The UTF-8 bytes; valid until the decoder's next use.
        var text: UnsafeRawBufferPointer
        /// How many bytes were understood.
        var consumed: Int
        /// Whether that is all of them.
        var complete: Bool
        /// Whether the rest may be the beginning of a character whose end has not come yet.
        var awaitsMore: Bool
    }

    /// Decodes one piece of text; `last` ends the text and resets the state, else the next piece continues it.
    func decode(_ bytes: UnsafeRawBufferPointer, last: Bool = true) -> Step {
        if let converter { return converter.convert(bytes, last: last) }
        guard case .malformed(let offset) = UTF8Check.check(bytes) else {
            return Step(text: bytes, consumed: bytes.count, complete: true, awaitsMore: false)
        }
        return Step(text: UnsafeRawBufferPointer(rebasing: bytes[..<offset]), consumed: offset, complete: false, awaitsMore: false)
    }
}

/// The one owner of an iconv handle and of the room into which it writes.
private final class Converter {
    private let handle: iconv_t
    private var room: UnsafeMutableBufferPointer<CChar>

    private let needsEnding: Bool

    init?(_ encoding: String, needsEnding: Bool) {
        guard let opened = iconv_open("UTF-8", encoding), opened != iconv_t(bitPattern: -1) else { return nil }
        handle = opened
        self.needsEnding = needsEnding
        room = .allocate(capacity: 4096)
    }

    deinit {
        iconv_close(handle)
        room.deallocate()
    }

    func convert(_ bytes: UnsafeRawBufferPointer, last: Bool) -> TextDecoder.Step {
        // iconv does not write to its input; the mutable pointer is the C signature's.
        var input = UnsafeMutablePointer(mutating: bytes.bindMemory(to: CChar.self).baseAddress)
        var left = bytes.count
        var written = 0
        var failure: Int32 = 0
        var ending = false
        while true {
            var output = room.baseAddress.map { $0 + written }
            var space = room.count - written
            failure = 0
            if !ending, left > 0, iconv(handle, &input, &left, &output, &space) == -1 { failure = errno }
            if failure == 0, last, needsEnding {
                ending = true
                if iconv(handle, nil, nil, &output, &space) == -1 { failure = errno }
            }
            written = room.count - space
            guard failure == E2BIG else { break }
            grow(keeping: written, for: left)
        }
        if failure != 0, last { _ = iconv(handle, nil, nil, nil, nil) }
        return TextDecoder.Step(
            text: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<written]), consumed: bytes.count - left,
            complete: failure == 0, awaitsMore: failure == EINVAL)
    }

    private func grow(keeping written: Int, for left: Int) {
        let larger = UnsafeMutableBufferPointer<CChar>.allocate(capacity: room.count * 2 + left * 2)
        UnsafeMutableRawBufferPointer(larger).copyMemory(from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room)[..<written]))
        room.deallocate()
        room = larger
    }

    /// Whether ASCII stands for itself.
    func keepsASCII() -> Bool {
        let ascii = Array(UInt8(1)..<0x80)
        return ascii.withUnsafeBytes { input in
            let step = convert(input, last: true)
            return step.complete && step.text.elementsEqual(input)
        }
    }

    /// Whether no byte waits for another.
    func hasNoSequences() -> Bool {
        for byte in UInt8(0x80)...0xFF where withUnsafeBytes(of: byte, { convert($0, last: true).awaitsMore }) {
            return false
        }
        return true
    }
}
