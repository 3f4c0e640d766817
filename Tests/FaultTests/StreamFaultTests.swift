import PrivateServer
import StreamFaults
import Testing

@Suite("Streams under faults", .serialized)
struct StreamFaultTests {
    @Test("Consumers and the server are killed at random: nothing is missing, no subject's facts change their order")
    func nothingIsLostOrReordered() throws {
        let options = StreamFaults.Options()
        let outcome = try StreamFaults(options).run()
        #expect(outcome.facts > 1_000)
        #expect(outcome.tallies.map(\.consumer) == ["alone", "group", "hook", "place"])
        for tally in outcome.tallies {
            #expect((tally.missing, tally.reordered, tally.invented) == (0, 0, 0), "\(tally)")
        }
        // Its place is its own last line: nothing comes twice.
        #expect(outcome.tallies.first { $0.consumer == "place" }?.duplicates == 0)
    }

    @Test("Without faults nothing comes twice")
    func calm() throws {
        var options = StreamFaults.Options()
        (options.kills, options.serverKills, options.appenders, options.transactions) = (0, 0, 4, 40)
        let outcome = try StreamFaults(options).run()
        for tally in outcome.tallies where tally.consumer != "hook" {
            #expect((tally.missing, tally.reordered, tally.duplicates) == (0, 0, 0), "\(tally)")
        }
    }
}
