import Foundation

/// A table of how often we are right.
struct Evaluation: Encodable {
    let name: String
    let note: String
    let columns: [String]
    var rows: [[String]] = []

    /// Lines for people.
    var text: String {
        let table = [columns] + rows
        let widths = columns.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        let lines = table.map { row in
            "  " + zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }.joined(separator: "  ")
        }
        return ([note.isEmpty ? name : "\(name) (\(note))"] + lines).joined(separator: "\n")
    }

    /// The folder of real deliveries beside the project, where there is one.
    static let sharedData = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/data").standardizedFileURL.path

    static func share(_ part: Int, of whole: Int) -> String { whole == 0 ? "-" : String(format: "%.4f", Double(part) / Double(whole)) }
}
