import Foundation
import Testing
@testable import AdapterKit

/// The adapters of this project are in order, and say what they are expected to say.
@Suite struct ShippedAdapterTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Adapters").path
    static let names = AdapterFolders.list(root: root).map(\.name)

    @Test func thereAreAdapters() {
        #expect(Self.names.contains("osm-buildings"))
        #expect(Self.names.count >= 11)
    }

    @Test(arguments: names) func nothingIsWrong(_ name: String) throws {
        #expect(AdapterCheck.run(folder: Self.root + "/" + name).map(\.description) == [])
        let outcome = try AdapterTest.run(try AdapterFolders.find(name, root: Self.root))
        #expect(outcome.differences == [])
        #expect(outcome.facts > 0)
    }

    /// The base map's 1,517 ids: each becomes exactly one thing.
    @Test func everyIdOfTheBaseMapIsAccountedFor() throws {
        let result = try SamplePull(manifest: try AdapterFolders.find("osm-buildings", root: Self.root)).samples()
        let kinds = Dictionary(grouping: result.facts, by: \.type).mapValues(\.count)
        #expect(kinds == ["building.described": 1322, "building_part.described": 129, "address.described": 46, "entrance.described": 20])
        #expect(Set(result.facts.map(\.subject)).count == 1517)
        #expect(result.counters.read == 1981)
        #expect(result.refused == [])
    }
}
