import Foundation

/// How far a long task is: a bar that is redrawn on a terminal, a plain line every few seconds otherwise.
/// May be updated once a row: it draws ten times a second at most.
final class Progress {
    private let terminal: Terminal
    private let label: String
    private let total: Int?
    private let started = ContinuousClock.now
    private var drawn: ContinuousClock.Instant?
    private var done = 0
    private var note = ""

    private var interval: Duration { terminal.isInteractive ? .milliseconds(100) : .seconds(5) }

    /// - Parameters:
    ///   - terminal: `context.err`; results belong to stdout.
    ///   - total: nil where it is not known beforehand.
    init(_ terminal: Terminal, _ label: String, total: Int? = nil) {
        self.terminal = terminal
        self.label = label
        self.total = total
        if terminal.isInteractive { draw() }
    }

    /// - Parameter note: what is being done right now, at the end of the line.
    func update(_ done: Int, note: String? = nil) {
        self.done = done
        if let note { self.note = note }
        if let drawn, ContinuousClock.now - drawn < interval { return }
        if drawn == nil, !terminal.isInteractive, ContinuousClock.now - started < interval { return }
        draw()
    }

    /// Ends the line. The summary takes the place of the bar.
    func finish(_ summary: String? = nil) {
        let text = summary ?? "\(label): \(Progress.grouped(done)) in \(Progress.seconds(ContinuousClock.now - started))"
        terminal.write((terminal.isInteractive ? "\r\u{1B}[K" : "") + text + "\n")
    }

    /// A line of its own; on a terminal the bar goes on below it.
    func say(_ line: String) {
        terminal.write((terminal.isInteractive ? "\r\u{1B}[K" : "") + line + "\n")
    }

    private func draw() {
        drawn = ContinuousClock.now
        let text = Progress.text(label: label, done: done, total: total, note: note, bar: terminal.isInteractive ? 24 : 0)
        if terminal.isInteractive {
            terminal.write("\r" + Progress.cut(text, to: terminal.width - 1) + "\u{1B}[K")
        } else {
            terminal.write(text + "\n")
        }
    }

    /// The line as it is shown. Pure, for tests.
    static func text(label: String, done: Int, total: Int?, note: String, bar width: Int) -> String {
        var text = label + ": "
        if let total, total > 0 {
            let share = min(1, Double(done) / Double(total))
            let full = Int(share * Double(width))
            if width > 0 { text += String(repeating: "█", count: full) + String(repeating: "░", count: width - full) + " " }
            text += "\(Int(share * 100)) % (\(grouped(done)) of \(grouped(total)))"
        } else {
            text += grouped(done)
        }
        return note.isEmpty ? text : text + " " + note
    }

    /// 1234567 → 1,234,567.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text = "," + text }
            text = String(digit) + text
        }
        return number < 0 ? "-" + text : text
    }

    /// 0.4 s, 12 s, 3 min 5 s.
    static func seconds(_ duration: Duration) -> String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        if seconds < 10 { return String(format: "%.1f s", seconds) }
        if seconds < 100 { return String(format: "%.0f s", seconds) }
        return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    }

    private static func cut(_ text: String, to columns: Int) -> String {
        var width = 0
        var end = text.startIndex
        for index in text.unicodeScalars.indices {
            width += Columns.width(of: text.unicodeScalars[index])
            if width > columns { return String(text[..<end]) }
            end = text.unicodeScalars.index(after: index)
        }
        return text
    }
}
