import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that is written once, front to back, through a small buffer.
final class OutputFile {
    /// How the text is encoded on the way out.
    enum Encoding { case utf8, gb18030 }

    let path: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private let converter: GB18030Encoder?
    private static let bufferSize = 1 << 16

    /// Creates the file, and the folders above it; an existing file is replaced.
    init(_ path: String, encoding: Encoding = .utf8) throws(SimulationError) {
        self.path = path
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw SimulationError(
                .configuration, "The folder for the output cannot be made.", location: folder.path,
                advice: "Choose a folder you may write to.")
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SimulationError(
                .configuration, "The file cannot be written: \(String(cString: strerror(errno))).", location: path,
                advice: "Choose a folder you may write to.")
        }
        converter = encoding == .gb18030 ? try GB18030Encoder() : nil
        buffer.reserveCapacity(OutputFile.bufferSize + 4096)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ text: String) throws(SimulationError) {
        if let converter { buffer += try converter.encode(text) } else { buffer += text.utf8 }
        if buffer.count >= OutputFile.bufferSize { try flush() }
    }

    /// Bytes as they are, past the encoder: for lines that are broken on purpose.
    func write(bytes: [UInt8]) throws(SimulationError) {
        buffer += bytes
        if buffer.count >= OutputFile.bufferSize { try flush() }
    }

    func finish() throws(SimulationError) {
        try flush()
        if close(descriptor) != 0 { descriptor = -1; throw failure() }
        descriptor = -1
    }

    private func flush() throws(SimulationError) {
        var sent = 0
        while sent < buffer.count {
            let count = buffer.withUnsafeBytes { raw in
                systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: raw[sent...]))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            sent += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private func failure() -> SimulationError {
        SimulationError(
            .transient, "Writing stopped: \(String(cString: strerror(errno))).", location: path,
            advice: "Make room on the disk and run again.")
    }
}

/// The system's `write`, under a name that the class's own `write` does not hide.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int { write(descriptor, bytes.baseAddress, bytes.count) }

/// UTF-8 to GB18030 with the system's iconv: what police systems export.
final class GB18030Encoder {
    private let handle: iconv_t

    init() throws(SimulationError) {
        guard let opened = iconv_open("GB18030", "UTF-8"), opened != iconv_t(bitPattern: -1) else {
            throw SimulationError(
                .configuration, "The system's iconv does not know GB18030.", location: "iconv",
                advice: "Install the C library's full set of encodings.")
        }
        handle = opened
    }

    deinit { iconv_close(handle) }

    func encode(_ text: String) throws(SimulationError) -> [UInt8] {
        var input = Array(text.utf8).map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: input.count * 2 + 16)
        var outputLeft = output.count
        let failed = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var from = source.baseAddress
                var to = target.baseAddress
                var inputLeft = source.count
                return iconv(handle, &from, &inputLeft, &to, &outputLeft) == Int(bitPattern: UInt.max) && inputLeft > 0
            }
        }
        guard !failed else {
            throw SimulationError(
                .internal, "A generated text cannot be written in GB18030.", location: "iconv", advice: "Report it with the seed.")
        }
        return output.prefix(output.count - outputLeft).map { UInt8(bitPattern: $0) }
    }
}

/// One line of a CSV file: cells quoted where they must be.
func csvLine(_ cells: [String]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
        if index > 0 { line += "," }
        if cell.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) {
            line += "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
        } else {
            line += cell
        }
    }
    return line + "\n"
}

/// A JSON value, written as it stands: member order kept, numbers digit for digit.
enum JSONText {
    case text(String), number(String), bool(Bool), null
    indirect case array([JSONText])
    indirect case object([(String, JSONText)])

    var written: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        case .array(let items): "[" + items.map(\.written).joined(separator: ",") + "]"
        case .object(let members): "{" + members.map { JSONText.quoted($0.0) + ":" + $0.1.written }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Lets some rows come late: a row that is held back is written after the next `distance` rows. Holds at most `distance` rows.
struct LateRows {
    private var held: [(due: Int, line: String)] = []
    private var count = 0
    private let distance: Int

    init(distance: Int) { self.distance = distance }

    mutating func add(_ line: String, late: Bool, to file: OutputFile) throws(SimulationError) {
        count += 1
        if late { held.append((count + distance, line)) } else { try file.write(line) }
        while let first = held.first, first.due <= count {
            try file.write(first.line)
            held.removeFirst()
        }
    }

    mutating func finish(_ file: OutputFile) throws(SimulationError) {
        for row in held { try file.write(row.line) }
        held.removeAll()
    }
}
