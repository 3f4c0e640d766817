import Foundation
import Testing

@testable import Simulation

@Suite struct RegisterTests {
    /// Every row of the registers is explained by the truth, and everything in the truth is reachable from its own files.
    @Test func everyTruthRowIsReachable() throws {
        try Town.simulated(households: 200) { files in
            let buildings = Set(try files.table("truth/buildings.csv").compactMap { $0["building"] })
            let dwellings = try files.table("truth/dwellings.csv")
            let homes = Set(dwellings.compactMap { $0["dwelling"] })
            let households = try files.table("truth/households.csv")
            let persons = try files.table("truth/persons.csv")
            let personCodes = Set(persons.compactMap { $0["person"] })
            #expect(dwellings.allSatisfy { buildings.contains($0["building"] ?? "") })
            #expect(households.allSatisfy { homes.contains($0["dwelling"] ?? "") })
            let householdCodes = Set(households.compactMap { $0["household"] })
            #expect(persons.allSatisfy { householdCodes.contains($0["household"] ?? "") })
            let compounds = Set(try files.table("truth/compounds.csv").compactMap { $0["compound"] })
            for row in try files.objects("truth/register_rows.ndjson") {
                let thing = try #require(row["thing"] as? String)
                let known = buildings.contains(thing) || homes.contains(thing) || personCodes.contains(thing) || compounds.contains(thing)
                #expect(known || thing.hasPrefix("pipe/") || thing.hasPrefix("river/") || thing.contains("-0"), "\(row)")
            }
        }
    }

    @Test func everyRowOfTheFilesIsInTheTruth() throws {
        try Town.simulated(households: 200) { files in
            var keys: [String: Set<String>] = [:]
            for row in try files.objects("truth/register_rows.ndjson") {
                if let file = row["file"] as? String, let key = row["key"] as? String { keys[file, default: []].insert(key) }
            }
            for file in ["police-register/residents.csv", "police-register/standard_addresses.csv", "police-incidents/incidents.csv"] {
                let delivered = Set(try files.asciiRows(file).dropFirst().map { $0[0] }).subtracting([""])
                #expect(delivered == keys[file])
            }
            for file in ["property-manager/buildings.json", "property-manager/dwellings.json", "property-manager/compounds.json"] {
                let whole = try JSONSerialization.jsonObject(with: Data(try files.bytes(file))) as? [String: Any]
                let rows = (whole?["data"] as? [String: Any])?["rows"] as? [[String: Any]] ?? []
                #expect(Set(rows.compactMap { $0["id"] as? String }) == keys[file])
            }
            for incident in try files.objects("truth/incidents.ndjson") {
                for report in incident["reports"] as? [[String: String]] ?? [] {
                    #expect(keys[report["file"] ?? ""]?.contains(report["key"] ?? "") == true)
                }
            }
        }
    }

    @Test func everyPointOfABuildingLiesInItsFootprint() throws {
        for footprint in Town.footprints {
            let point = try #require(footprint.interiorPoint)
            #expect(footprint.contains(point))
            #expect(point.longitude % 100 == 0 && point.latitude % 100 == 0, "what is written is the point itself")
        }
        let layout = try Layout(footprints: Town.footprints, seed: 9, households: 2_000)
        #expect(layout.buildings.count == 80)
        for building in layout.buildings {
            let footprint = try #require(Town.footprints.first { $0.id == building.baseMap })
            #expect(footprint.contains(building.place))
        }
        #expect(Set(layout.compounds.map { "\($0.road)\($0.lane)" }).count == layout.compounds.count)
        #expect(Set(layout.buildings.map(\.policeCode)).count == layout.buildings.count)
    }

    @Test func theRealBaseMapIsUsable() throws {
        let footprints = try Footprint.read(geoJSON: Town.baseMap.path)
        #expect(footprints.count == 1_321, "1,322 buildings, one of which is a label only")
        let outside = footprints.filter { footprint in footprint.interiorPoint.map { !footprint.contains($0) } ?? true }
        #expect(outside.map(\.id) == [])
    }

    /// The departments' samples are what their READMEs say: the run with seed 42 and 300 households, byte for byte.
    @Test func theShippedSamplesAreThatRun() throws {
        let footprints = try Footprint.read(geoJSON: Town.baseMap.path)
        try Town.simulated(footprints, seed: 42, households: 300) { files in
            for path in try files.paths where !path.hasPrefix("truth/") {
                let parts = path.split(separator: "/").map(String.init)
                let sample = Town.adapters.appendingPathComponent("\(parts[0])/samples/\(parts[1])")
                let shipped = [UInt8](try Data(contentsOf: sample))
                let made = try files.bytes(path)
                #expect(shipped == made, "\(path)")
            }
        }
    }

    @Test func brokenLinesAreOneOfEachKind() throws {
        try Town.simulated(households: 200) { files in
            let rows = try files.asciiRows("police-register/residents.csv")
            #expect(rows.count { $0.count == 9 } == 1, "ragged")
            #expect(rows.count { $0.count == 12 && $0[0].isEmpty } == 1, "without its key")
            let bytes = try files.bytes("police-register/residents.csv")
            #expect(bytes.count { $0 == 0xFF } == 1, "undecodable")
        }
        try Town.simulated(households: 200, noise: .none) { files in
            let rows = try files.asciiRows("police-register/residents.csv")
            #expect(rows.allSatisfy { $0.count == 12 && !$0[0].isEmpty })
            let truth = try files.objects("truth/register_rows.ndjson")
            #expect(truth.allSatisfy { $0["noise"] == nil })
        }
    }

    @Test func addressesHaveTheirStyles() {
        let address = HomeAddress(
            road: "浦东南路", lane: 1200, number: 12, compound: "云台新村", compoundIndex: 0, building: 3, unit: 2, room: "1203")
        #expect(AddressStyle.official.write(address) == "上海市浦东新区浦东南路1200弄12号1203室")
        #expect(AddressStyle.fullWidth.write(address) == "浦东南路１２００弄１２号１２０３室")
        #expect(AddressStyle.chineseNumerals.write(address) == "浦东南路1200弄十二号1203室")
        #expect(AddressStyle.buildingUnitRoom.write(address) == "云台新村3幢2单元1203室")
        #expect(AddressStyle.gateDoor.write(address) == "云台新村三栋2门1203户")
        #expect(AddressStyle.chinese(105) == "一百零五" && AddressStyle.chinese(20) == "二十" && AddressStyle.chinese(1010) == "一千零一十")
    }

    @Test func theStepsOfACaseAreThereAndSomeAreOutOfOrder() throws {
        try Town.simulated(households: 400) { files in
            let rows = try files.objects("truth/register_rows.ndjson").filter { $0["file"] as? String == Hotline.path }
            let noise = Set(rows.flatMap { $0["noise"] as? [String] ?? [] })
            #expect(noise.isSuperset(of: ["disordered_times", "skipped_step", "late_row", "address_style", "personal_in_text"]))
        }
    }

    /// Memory: a run keeps the layout (its size is the base map's) and rows held back as late (at most 60 a file), and
    /// nothing else; so ten times the households must not need noticeably more memory. Measured by the process's own peak.
    @Test func memoryDoesNotGrowWithTheHouseholds() throws {
        try Town.simulated(households: 200) { _ = try $0.paths }
        let before = try #require(peakMemory_kB())
        try Town.simulated(households: 3_000) { _ = try $0.paths }
        let after = try #require(peakMemory_kB())
        // Other suites run beside this one; their memory is the margin.
        #expect(after - before < 96 * 1024)
    }

    private func peakMemory_kB() -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
        return status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }.flatMap { Int($0.filter(\.isNumber)) }
    }
}
