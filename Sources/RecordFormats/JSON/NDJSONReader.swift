/// Reads one JSON object from each line; a bad line refuses only that line, an empty line is skipped.
final class NDJSONReader: RecordReader {
    private let window: ByteWindow
    private var shapes = ShapeCache()
    private var started = false
    private var ended = false

    init(_ source: any ByteSource) { window = ByteWindow(source) }

    var columns: [String]? { shapes.last?.names }

    func next() throws(FormatError) -> ReadOutcome? {
        guard case .outcome(let outcome)? = try step(nil) else { return nil }
        return outcome
    }

    func next(unless isTaken: RowQuestion) throws(FormatError) -> ReadStep? {
        try withoutActuallyEscaping(isTaken) { isTaken throws(FormatError) in try step(isTaken) }
    }

    private func step(_ isTaken: RowQuestion?) throws(FormatError) -> ReadStep? {
        guard !ended else { return nil }
        do throws(FormatError) {
            if !started {
                started = true
                try window.skip(utf8Mark)
            }
            if let step = try nextLine(isTaken) { return step }
            ended = true
            return nil
        } catch {
            ended = true
            throw error
        }
    }

    private func nextLine(_ isTaken: RowQuestion?) throws(FormatError) -> ReadStep? {
        while true {
            guard let found = try window.wholeLine() else {
                return window.count == 0 ? nil : .outcome(.refused(try window.refuseLine(rule: Rule.tooLong, "The line is too long.")))
            }
            let bytes = UnsafeRawBufferPointer(rebasing: window.bytes[..<found.end])
            let lines = found.next > found.end ? 1 : 0
            if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                window.consume(found.next, lines: lines)
                continue
            }
            let step: ReadStep = isTaken?(nil, bytes, window.line) == true ? .taken : .outcome(shapes.outcome(of: bytes, line: window.line))
            window.consume(found.next, lines: lines)
            return step
        }
    }
}
