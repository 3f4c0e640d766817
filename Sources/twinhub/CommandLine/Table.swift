/// How many columns of a terminal a text takes.
enum Columns {
    static func width(of text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// 2 for the wide and fullwidth characters of Unicode's EastAsianWidth.txt (blocks, not single code points), 0 for marks.
    static func width(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20...0x7E: 1
        case 0...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0xFE00...0xFE0F, 0x0300...0x036F: 0
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            2
        default: 1
        }
    }
}

/// Aligned columns, two spaces apart, with a line under the headings.
struct Table: Sendable {
    /// A heading and the side to which its cells are pushed.
    enum Column: Sendable {
        case left(String), right(String)

        var heading: String {
            switch self {
            case .left(let heading), .right(let heading): heading
            }
        }
    }

    private let columns: [Column]
    private var rows: [[String]] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// A row with fewer cells than columns ends with empty ones; more are left out.
    mutating func add(_ cells: [String]) {
        rows.append((0..<columns.count).map { $0 < cells.count ? cells[$0] : "" })
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The whole table, each line ended.
    var rendered: String {
        let widths = columns.indices.map { index in
            ([columns[index].heading] + rows.map { $0[index] }).map { Columns.width(of: $0) }.max() ?? 0
        }
        var lines = [line(columns.map(\.heading), widths)]
        lines.append(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "))
        lines += rows.map { line($0, widths) }
        return lines.map { $0 + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var text = ""
        for (index, cell) in cells.enumerated() {
            let space = String(repeating: " ", count: widths[index] - Columns.width(of: cell))
            if index > 0 { text += "  " }
            if case .right = columns[index] { text += space + cell } else { text += cell + space }
        }
        while text.last == " " { text.removeLast() }
        return text
    }
}
