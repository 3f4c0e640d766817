/// A process that the supervisor keeps up or starts at its time. It knows programs and moments, not adapters.
package struct SupervisedJob: Sendable {
    /// When it runs.
    package enum Rhythm: Sendable {
        /// All the time; started again whenever it ends.
        case always
        /// At the moment that the closure gives for the last start and now, seconds since 1970; nil: never.
        case scheduled(@Sendable (_ lastStart: Int64?, _ now: Int64) -> Int64?)
        /// When what the closure gives changes, and has stood still for one look.
        case changes(@Sendable () -> String)
    }

    /// How it is called in `status`: `osm-buildings`, `projector`.
    package let name: String
    /// The words behind the program's name.
    package let words: [String]
    package let rhythm: Rhythm
    /// The rhythm in words.
    package let title: String
    /// At the end those of a lower stage are asked to end, and waited for, first: what feeds the log before what reads it.
    package let stage: Int
    /// The last start before this supervisor's time, seconds since 1970; nil where nobody knows of one.
    package let lastStart: Int64?

    /// Describes a job; it is started by nobody but a `Supervisor`.
    package init(name: String, words: [String], rhythm: Rhythm, title: String, stage: Int, lastStart: Int64? = nil) {
        self.name = name
        self.words = words
        self.rhythm = rhythm
        self.title = title
        self.stage = stage
        self.lastStart = lastStart
    }
}

/// How long a job that failed waits: twice as long each time, up to a limit, and by chance up to half of it less, so that many that failed
/// together do not come back together (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015: equal jitter).
package struct Backoff: Sendable {
    /// The wait after the first failure, in seconds.
    var first_s: Double = 2
    /// The longest wait, in seconds.
    var limit_s: Double = 600
    /// A number from 0 to 1; tests give their own.
    var chance: @Sendable () -> Double = { .random(in: 0...1) }

    /// The defaults: 2 s, 4 s, 8 s … 10 min.
    package init() {}

    /// Whole seconds, at least 1.
    func delay_s(failures: Int) -> Int64 {
        let full = min(limit_s, first_s * Double(1 << min(max(failures - 1, 0), 30)))
        return Int64(max(1, (full / 2 + full / 2 * chance()).rounded()))
    }
}

/// What is known of one job, and what is due: no process, no clock.
struct JobPlan: Sendable {
    let job: SupervisedJob
    private(set) var failures = 0
    private(set) var failingSince: Int64?
    private(set) var lastStart: Int64?
    private(set) var lastEnd: Int64?
    private(set) var lastStatus: Int32?
    private(set) var startedAt: Int64?
    /// Nil while it runs, and for one that waits for changes.
    private(set) var nextAt: Int64?
    private var seen: String?
    private var told: String?

    /// A job that ran for so long has come up: a failure after it is the first one again.
    private static let healthy_s: Int64 = 60

    init(_ job: SupervisedJob, now: Int64) {
        self.job = job
        lastStart = job.lastStart
        plan(now)
    }

    var isRunning: Bool { startedAt != nil }

    /// Whether it is to be started now. To be asked every few seconds: a job that waits for changes looks here.
    mutating func isDue(now: Int64) -> Bool {
        guard !isRunning else { return false }
        if case .changes(let look) = job.rhythm, nextAt == nil {
            let current = look()
            defer { seen = current }
            // Twice the same: nobody is writing any more.
            return current == seen && current != told
        }
        return nextAt.map { $0 <= now } ?? false
    }

    mutating func started(now: Int64) {
        if case .changes(let look) = job.rhythm { told = look() }
        startedAt = now
        lastStart = now
        nextAt = nil
    }

    /// - Parameter status: 0 where it did what it should; one that runs always should not end at all.
    mutating func ended(status: Int32, now: Int64, backoff: Backoff) {
        let ran = now - (startedAt ?? now)
        startedAt = nil
        lastEnd = now
        lastStatus = status
        if case .always = job.rhythm, ran >= Self.healthy_s { failures = 0 }
        if status == 0, !isAlways {
            failures = 0
            failingSince = nil
            plan(now)
            return
        }
        if failures == 0 { failingSince = now }
        failures += 1
        nextAt = now + backoff.delay_s(failures: failures)
    }

    /// A job that could not be started at all.
    mutating func failedToStart(now: Int64, backoff: Backoff) {
        started(now: now)
        ended(status: 127, now: now, backoff: backoff)
    }

    /// One that runs again is healthy once it has stayed up.
    mutating func stayedUp(now: Int64) {
        guard isAlways, failures > 0, let startedAt, now - startedAt >= Self.healthy_s else { return }
        failures = 0
        failingSince = nil
    }

    private var isAlways: Bool { if case .always = job.rhythm { true } else { false } }

    private mutating func plan(_ now: Int64) {
        switch job.rhythm {
        case .always: nextAt = now
        case .scheduled(let next): nextAt = next(lastStart, now)
        case .changes: nextAt = nil
        }
    }
}
