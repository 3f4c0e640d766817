import RecordFormats
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The bytes of a packed file, unpacked by the system's program. Its exit code counts: a file that was cut ends in an error, whatever came
/// out of it before.
final class PackedBytes: ByteSource {
    /// How a file is packed.
    enum Packing: String, CaseIterable {
        case gzip, xz

        /// The first bytes of such a file (RFC 1952, section 2.3.1; The .xz File Format, section 2.1.1.1).
        var mark: [UInt8] {
            switch self {
            case .gzip: [0x1F, 0x8B]
            case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]
            }
        }

        var ending: String { self == .gzip ? ".gz" : ".xz" }
    }

    private let path: String
    private let packing: Packing
    private let program: ProgramBytes

    private init(_ path: String, _ packing: Packing, _ context: InputContext) throws(FormatError) {
        self.path = path
        self.packing = packing
        // By standard input: gzip refuses files by their names.
        let file = Self.descriptor(path)
        guard file >= 0 else {
            throw FormatError(.configuration, "The file cannot be opened (\(String(cString: strerror(errno)))).", file: path, advice: "Check that this user may read it.")
        }
        defer { close(file) }
        guard let unpacker = context.program(packing.rawValue) else { throw Self.named(FormatError(.configuration, ""), path, packing) }
        var words = PipedProcess.Program([unpacker, "-dc"], environment: ProgramBytes.environment(of: context))
        words.input = .descriptor(file)
        do throws(FormatError) {
            program = try ProgramBytes(words, in: context, blame: .data)
        } catch {
            throw Self.named(error, path, packing)
        }
    }

    private static func descriptor(_ path: String) -> Int32 {
        #if canImport(Glibc)
        Glibc.open(path, O_RDONLY | O_CLOEXEC)
        #else
        Darwin.open(path, O_RDONLY | O_CLOEXEC)
        #endif
    }

    /// The bytes of a file: unpacked where its name or its first bytes say that it is packed.
    static func open(_ path: String, _ context: InputContext) throws(FormatError) -> any ByteSource {
        guard let packing = try packing(of: path) else { return try FileBytes(path: path) }
        return try PackedBytes(path, packing, context)
    }

    /// An empty `.gz` is packed, too, and broken.
    static func packing(of path: String) throws(FormatError) -> Packing? {
        if let named = Packing.allCases.first(where: { path.hasSuffix($0.ending) }) { return named }
        let start = try FileBytes(path: path).read(upTo: 6)
        return Packing.allCases.first { start.starts(with: $0.mark) }
    }

    func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        do throws(FormatError) { return try program.read(upTo: count) } catch { throw Self.named(error, path, packing) }
    }

    private static func named(_ error: FormatError, _ path: String, _ packing: Packing) -> FormatError {
        switch error.kind {
        case .data:
            FormatError(
                .data, "The file cannot be unpacked: \(packing) did not end well. It is cut off, or not what its name says.", file: path,
                advice: "Deliver it whole; under another name until it is complete.")
        case .configuration:
            FormatError(
                .configuration, "The file is packed, and the program \(packing) that unpacks it cannot be started.", file: path,
                advice: "Install \(packing == .gzip ? "gzip" : "xz-utils"), or deliver the file unpacked.")
        case .transient, .internal: FormatError(error.kind, error.what, file: path)
        }
    }
}

extension InputContext {
    /// The path of a program of the system, by our PATH; nil where it is not installed.
    func program(_ name: String) -> String? {
        let folders = environment["PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? "/usr/local/bin:/usr/bin:/bin"
        return folders.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
