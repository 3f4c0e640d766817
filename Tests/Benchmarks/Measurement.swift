import Foundation

/// Alternates candidates A B A B … in one run and compares their medians: the machine is shared and noisy, so only ratios count.
struct Measurement: Encodable {
    struct Candidate: Encodable {
        let name: String
        let secondsMedian: Double
        let seconds: [Double]
        /// Units of work a second, by the median.
        let ratePerSecond: Double
        /// The most memory that this process held while it ran, with what the benchmark itself holds; nil where the system does not tell.
        let peakMemory_MiB: Int?
    }

    let name: String
    let unit: String
    let count: Int
    let candidates: [Candidate]
    /// Rate of the first candidate as a part of the second's: 1 is as fast.
    let ratio: Double
    let note: String

    /// - Parameters:
    ///   - count: units of work that each candidate does in each round.
    ///   - ours: each returns the seconds that count (set-up excluded).
    init(
        _ name: String, unit: String, count: Int, rounds: Int, note: String = "", ours: (name: String, run: () throws -> Double),
        yardstick: (name: String, run: () throws -> Double), report: (String) -> Void
    ) throws {
        var seconds: [[Double]] = [[], []]
        var peaks: [Int?] = [nil, nil]
        for round in 1...rounds {
            for (index, candidate) in [ours, yardstick].enumerated() {
                PeakMemory.forget()
                let taken = try candidate.run()
                seconds[index].append(taken)
                peaks[index] = [peaks[index], PeakMemory.now_MiB].compactMap { $0 }.max()
                report("\(name), round \(round) of \(rounds), \(candidate.name): \(Self.format(taken)) s")
            }
        }
        self.name = name
        self.unit = unit
        self.count = count
        self.note = note
        candidates = [ours.name, yardstick.name].enumerated().map { index, name in
            let median = Self.median(seconds[index])
            return Candidate(
                name: name, secondsMedian: median, seconds: seconds[index], ratePerSecond: Double(count) / median, peakMemory_MiB: peaks[index])
        }
        ratio = candidates[1].secondsMedian / candidates[0].secondsMedian
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }

    static func format(_ seconds: Double) -> String { String(format: "%.3f", seconds) }

    /// Lines for people.
    var text: String {
        var lines = ["\(name) (\(count) \(unit)\(note.isEmpty ? "" : "; \(note)"))"]
        let width = candidates.map(\.name.count).max() ?? 0
        for candidate in candidates {
            lines.append(
                "  \(candidate.name.padding(toLength: width, withPad: " ", startingAt: 0))  median \(Self.format(candidate.secondsMedian)) s"
                    + "  \(Int(candidate.ratePerSecond)) \(unit)/s" + (candidate.peakMemory_MiB.map { "  peak memory \($0) MiB" } ?? ""))
        }
        lines.append("  ratio \(String(format: "%.2f", ratio))")
        return lines.joined(separator: "\n")
    }
}

/// The largest resident set of this process (proc(5), VmHWM).
enum PeakMemory {
    /// Starts anew from what is held now.
    static func forget() {
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
        try? file.write(contentsOf: Data("5".utf8))
        try? file.close()
    }

    static var now_MiB: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Int($0.dropFirst(6).split(whereSeparator: \.isWhitespace).first ?? "") }.map { $0 / 1024 }
    }
}

/// Seconds that a piece of work takes.
func timed(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let taken = try clock.measure(work)
    return Double(taken.components.seconds) + Double(taken.components.attoseconds) / 1e18
}

/// What keeps a benchmark from being one.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Does a piece of work with each item, all at once, a thread each.
func inParallel<Item>(_ items: [Item], _ work: @escaping (Item) throws -> Void) throws {
    let jobs = items.map { item in Job { try work(item) } }
    let threads = DispatchGroup()
    for job in jobs {
        threads.enter()
        Thread.detachNewThread {
            job.run()
            threads.leave()
        }
    }
    threads.wait()
    for job in jobs { try job.outcome?.get() }
}

/// Work that is handed to one thread, used there alone and looked at afterwards.
private final class Job: @unchecked Sendable {
    private let work: () throws -> Void
    private(set) var outcome: Result<Void, any Error>?

    init(_ work: @escaping () throws -> Void) { self.work = work }
    func run() { outcome = Result { try work() } }
}
