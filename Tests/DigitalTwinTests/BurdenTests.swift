import EventLog
import Testing

@testable import DigitalTwin

/// What departments type again and again, and what a source is worth.
@Suite struct BurdenTests {
    private static let outline = #"{"type":"Polygon","coordinates":[[[121.5,31.2],[121.5004,31.2],[121.5004,31.2004],[121.5,31.2004],[121.5,31.2]]]}"#

    private func filled() throws -> TestHub {
        let hub = try TestHub()
        try hub.append("map", department: "mapping", [NewEvent("building.described", "building/1", #"{"name":"one","floors":6,"footprint":[\#(Self.outline)]}"#)])
        try hub.append("register", department: "police", [NewEvent("building.described", "building/a", #"{"building":"map:1","name":"one","floors":7,"households":30}"#)])
        try hub.append("platform", department: "property", [NewEvent("building.described", "building/b", #"{"building":"map:1","name":"one","floors":6}"#)])
        try hub.projector().once()
        return hub
    }

    @Test func fieldsThatSeveralDepartmentsHoldAreCounted() throws {
        let hub = try filled()
        let fields = try hub.rows(
            "SELECT attribute, things, held_by_several, typed_again, typed_alike, burden, departments FROM twin.field_burden WHERE kind = 'building' ORDER BY 1")
        #expect(
            fields == [
                "floors|1|1|2|0|0.667|{mapping,police,property}", "households|1|0|0|0|0.000|{police}", "location|1|0|0|0|0.000|{mapping}", "name|1|1|2|1|0.667|{mapping,police,property}",
            ])
        // Two sources of one department are that department's own affair.
        try hub.append("register-two", department: "police", [NewEvent("building.described", "building/z", #"{"building":"map:1","households":31}"#)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT things, held_by_several, typed_again FROM twin.field_burden WHERE attribute = 'households'") == ["1|0|0"])
    }

    @Test func aSourceWithoutWhichTheTwinIsTheSameIsNamed() throws {
        let hub = try filled()
        let query = "SELECT source, values_said, values_standing, values_sole, values_prevailing, people, people_sole, other_facts, changes_nothing FROM twin.source_value ORDER BY 1"
        // The map's floors stand against the register's; the platform says nothing that the map does not.
        let sources = try hub.rows(query)
        #expect(sources == ["map|3|3|1|1|0|0|0|f", "platform|2|0|0|0|0|0|0|t", "register|3|1|1|0|0|0|0|f"])
        // Somebody whom nobody else lists, or a count of a home, is worth something.
        try hub.append("platform", department: "property", [NewEvent("resident.registered", "person/p1", #"{"building":"map:1","dwelling":"1"}"#)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT people, people_sole, changes_nothing FROM twin.source_value WHERE source = 'platform'") == ["1|1|f"])
        try hub.append("register", department: "police", [NewEvent("resident.registered", "person/p1", #"{"building":"map:1","dwelling":"1"}"#)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT people, people_sole, changes_nothing FROM twin.source_value WHERE source = 'platform'") == ["1|0|t"])
        try hub.append("platform", department: "property", [NewEvent("occupancy.declared", "dwelling/1", #"{"building":"map:1","dwelling":"1","occupants":2}"#)])
        try hub.projector().once()
        #expect(try hub.rows("SELECT other_facts, changes_nothing FROM twin.source_value WHERE source = 'platform'") == ["1|f"])
    }
}
