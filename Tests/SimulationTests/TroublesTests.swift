import Foundation
import Testing

@testable import Simulation

@Suite struct TroublesTests {
    /// One trouble in one building, from when till when.
    private struct Span: Comparable {
        let from: Int, until: Int
        static func < (a: Self, b: Self) -> Bool { (a.from, a.until) < (b.from, b.until) }
    }

    private func spans(_ layout: Layout, _ cases: [HotlineCase]) throws -> [[Span]] {
        var spans: [String: [Span]] = [:]
        for one in cases where IncidentVariants.of(one.category.subcategory)?.reach != .home {
            let home = try #require(layout.home(ofHousehold: one.household))
            spans["\(home.building) \(one.category.subcategory)", default: []].append(Span(from: one.received, until: one.closing))
        }
        return spans.values.map { $0.sorted() }
    }

    private func overlaps(_ spans: [[Span]]) -> Int {
        spans.reduce(0) { sum, one in sum + zip(one, one.dropFirst()).count { $0.until > $1.from } }
    }

    /// A lift breaks again in the same house, but not while it is still broken.
    @Test func aTroubleOfABuildingDoesNotBeginAgainWhileItLasts() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinhub-troubles-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let world = World(layout: try Layout(footprints: Town.footprints, seed: 5, households: 2_000), noise: .all, truth: try TruthFiles(folder: folder.path))
        let hotline = Hotline(world: world)
        let cases = (0..<hotline.count).map(hotline.hotlineCase), told = try spans(world.layout, cases)
        #expect(overlaps(told) == 0)
        #expect(told.contains { $0.count > 1 }, "later it does")
        // As drawn it would.
        let drawn = (0..<hotline.count).map(hotline.drawn)
        #expect(overlaps(try spans(world.layout, drawn)) > 10)
        let moved = zip(cases, drawn).count { $0.household != $1.household }
        #expect(moved > 0 && moved < hotline.count / 4)
        #expect(zip(cases, drawn).allSatisfy { $0.received == $1.received && $0.steps == $1.steps && $0.category.subcategory == $1.category.subcategory })
    }
}
