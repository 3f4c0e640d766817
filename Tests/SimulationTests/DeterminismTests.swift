import Foundation
import Testing

@testable import Simulation

@Suite struct DeterminismTests {
    @Test func theSameSeedGivesTheSameBytes() throws {
        let first = try Town.simulated { try $0.digest }
        let second = try Town.simulated { try $0.digest }
        #expect(first == second)
    }

    @Test func anotherSeedOrSizeGivesOtherBytes() throws {
        let one = try Town.simulated { try $0.digest }
        #expect(try Town.simulated(seed: 43) { try $0.digest } != one)
        #expect(try Town.simulated(households: 121) { try $0.digest } != one)
    }

    /// Pinned: a change of the generator's stream would silently change every shipped sample.
    @Test func theGeneratorIsPinned() {
        var draw = Draw(42, .household, 7)
        let numbers = (0..<4).map { _ in draw.below(1_000_000) }
        var again = Draw(42, .household, 7)
        #expect(numbers == (0..<4).map { _ in again.below(1_000_000) })
        #expect(Noise.staleEntry.topic != Noise.lateRow.topic)
        #expect(Set(Noise.allCases.map(\.topic)).count == Noise.allCases.count)
    }

    /// A kind of noise has streams of its own: without it, the truth is the same.
    @Test(arguments: [Noise.staleEntry, .addressStyle, .missingPerson, .damagedLine])
    func switchingANoiseOffLeavesTheTruthAlone(_ noise: Noise) throws {
        let all = try Town.simulated { try $0.bytes("truth/persons.csv") }
        let without = try Town.simulated(noise: NoiseSet(without: [noise.rawValue])) { files in
            for row in try files.objects("truth/register_rows.ndjson") {
                #expect(!(row["noise"] as? [String] ?? []).contains(noise.rawValue))
            }
            return try files.bytes("truth/persons.csv")
        }
        #expect(all == without)
    }

    @Test func anUnknownNoiseIsNamedWithTheKnownOnes() {
        let error = #expect(throws: SimulationError.self) { try NoiseSet(without: ["static"]) }
        #expect(error?.kind == .configuration)
        #expect(error?.advice.contains("stale_entry") == true)
    }

    @Test func tooFewAndTooManyHouseholdsAreRefused() {
        for households in [0, 39, 830_001] {
            #expect(throws: SimulationError.self) { try Neighbourhood(buildings: Town.footprints, seed: 1, households: households) }
        }
        #expect(throws: SimulationError.self) { try Neighbourhood(buildings: [], seed: 1, households: 100) }
    }
}
