import RecordFormats
import Subprocess

/// A part of a workbook, which is a ZIP archive, unpacked by the system's `unzip`.
final class WorkbookPart: ByteSource {
    private let path: String
    private let program: ProgramBytes

    init(_ part: String, of path: String, _ context: InputContext) throws(FormatError) {
        self.path = path
        do throws(FormatError) {
            guard let unzip = context.program("unzip") else { throw FormatError(.configuration, "") }
            program = try ProgramBytes([unzip, "-p", path, part], in: context, blame: .data)
        } catch {
            throw Self.named(error, path)
        }
    }

    func read(upTo count: Int) throws(FormatError) -> [UInt8] {
        do throws(FormatError) { return try program.read(upTo: count) } catch { throw Self.named(error, path) }
    }

    private static func named(_ error: FormatError, _ path: String) -> FormatError {
        switch error.kind {
        case .data:
            FormatError(
                .data, "The workbook cannot be unpacked: unzip did not end well. It is cut off, or no .xlsx file.", file: path,
                advice: "Deliver it whole; an .xls file must be saved as .xlsx or CSV.")
        case .configuration:
            FormatError(
                .configuration, "A workbook is read with the program unzip, which cannot be started.", file: path,
                advice: "Install unzip, or deliver CSV.")
        case .transient, .internal: FormatError(error.kind, error.what, file: path)
        }
    }
}
