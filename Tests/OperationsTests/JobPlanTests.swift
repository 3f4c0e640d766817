import Testing
@testable import Operations

/// What is due when, without a process and with a clock that the test moves.
@Suite struct JobPlanTests {
    private func backoff(_ chance: Double) -> Backoff {
        var backoff = Backoff()
        backoff.chance = { chance }
        return backoff
    }

    private func job(_ rhythm: SupervisedJob.Rhythm, lastStart: Int64? = nil) -> SupervisedJob {
        SupervisedJob(name: "a", words: [], rhythm: rhythm, title: "t", stage: 0, lastStart: lastStart)
    }

    /// `#expect` calls no mutating method.
    @dynamicMemberLookup private final class Watched {
        private var plan: JobPlan
        init(_ job: SupervisedJob, now: Int64) { plan = JobPlan(job, now: now) }
        subscript<T>(dynamicMember path: KeyPath<JobPlan, T>) -> T { plan[keyPath: path] }
        func isDue(now: Int64) -> Bool { plan.isDue(now: now) }
        func started(now: Int64) { plan.started(now: now) }
        func ended(status: Int32, now: Int64, backoff: Backoff) { plan.ended(status: status, now: now, backoff: backoff) }
        func stayedUp(now: Int64) { plan.stayedUp(now: now) }
    }

    private let everyTen = SupervisedJob.Rhythm.scheduled { last, now in last.map { $0 + 10 } ?? now }

    @Test func waitsLongerEachTimeUpToALimit() {
        #expect((1...12).map { backoff(1).delay_s(failures: $0) } == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600])
        #expect((1...4).map { backoff(0).delay_s(failures: $0) } == [1, 2, 4, 8])
        #expect(backoff(1).delay_s(failures: 1000) == 600)
    }

    @Test func aScheduledJobRunsAtItsTimeAndAgainSoonerWhereItFailed() {
        let plan = Watched(job(everyTen), now: 100)
        #expect(plan.isDue(now: 100))
        plan.started(now: 100)
        #expect(!plan.isDue(now: 200), "it is running")
        plan.ended(status: 0, now: 103, backoff: backoff(1))
        #expect(plan.nextAt == 110)
        #expect(!plan.isDue(now: 109))
        #expect(plan.isDue(now: 110))
        plan.started(now: 110)
        plan.ended(status: 75, now: 111, backoff: backoff(1))
        #expect(plan.nextAt == 113)
        #expect(plan.failures == 1)
        plan.started(now: 113)
        plan.ended(status: 1, now: 114, backoff: backoff(1))
        #expect(plan.nextAt == 118)
        #expect(plan.failingSince == 111)
        plan.started(now: 118)
        plan.ended(status: 0, now: 119, backoff: backoff(1))
        #expect(plan.failures == 0)
        #expect(plan.failingSince == nil)
        #expect(plan.nextAt == 128)
    }

    @Test func aRunBeforeThisSupervisorCounts() {
        let plan = Watched(job(everyTen, lastStart: 95), now: 100)
        #expect(!plan.isDue(now: 104))
        #expect(plan.isDue(now: 105))
    }

    @Test func oneThatRunsAlwaysIsRestartedAndHealthyAfterAMinute() {
        let plan = Watched(job(.always), now: 0)
        plan.started(now: 0)
        plan.ended(status: 137, now: 5, backoff: backoff(1))
        #expect(plan.nextAt == 7)
        plan.started(now: 7)
        // Ending well is a failure, too: it should not end.
        plan.ended(status: 0, now: 8, backoff: backoff(1))
        #expect(plan.nextAt == 12)
        #expect(plan.failures == 2)
        plan.started(now: 12)
        plan.stayedUp(now: 71)
        #expect(plan.failures == 2)
        plan.stayedUp(now: 72)
        #expect(plan.failures == 0)
        #expect(plan.failingSince == nil)
    }

    @Test func arrivingFilesAreLeftAloneUntilTheyStandStill() {
        final class Folder: @unchecked Sendable { var content = "a 1" }
        let folder = Folder()
        let plan = Watched(job(.changes { folder.content }), now: 0)
        #expect(!plan.isDue(now: 0), "one look tells nothing")
        folder.content = "a 2"
        #expect(!plan.isDue(now: 1), "it still grows")
        #expect(plan.isDue(now: 2))
        plan.started(now: 2)
        plan.ended(status: 0, now: 3, backoff: backoff(1))
        #expect(!plan.isDue(now: 4))
        folder.content = "a 2\nb 1"
        #expect(!plan.isDue(now: 5))
        #expect(plan.isDue(now: 6))
        plan.started(now: 6)
        plan.ended(status: 1, now: 7, backoff: backoff(1))
        #expect(!plan.isDue(now: 8))
        #expect(plan.isDue(now: 9), "tried again though nothing changed")
    }
}
