import EventLog
import PostgresClient
import Testing
@testable import AdapterKit

@Suite struct ResetTests {
    @Test func tellsEverythingAgainAndCanBeUndone() throws {
        let hub = try TestHub()
        let folder = try SourceFolder(
            manifestText("{ name: 's', mode: 'snapshot', key: ['id'], facts: [{ event: 'case.received', subject: 'case/{id}', payload: { note: 'n' } }] }"))
        try folder.write("id,n\n1,a\n2,b\n", to: "samples/a.csv")
        #expect(try hub.run(folder).facts == 2)
        #expect(try hub.run(folder).facts == 0)

        let kept = try StreamStates.reset("test-source", stream: "s", by: "wang", reason: "the mapping was wrong", on: hub.admin)
        #expect(try hub.run(folder).facts == 2, "everything is told again")
        let former = try StreamStates.list("test-source", on: hub.admin)
        #expect(former.map(\.id) == [kept])
        #expect(former.map(\.keptBy) == ["wang"])
        #expect(former.map(\.reason) == ["the mapping was wrong"])
        #expect(former[0].blocks > 0)

        // Nothing was told under this state but what the restored one knows, too.
        _ = try StreamStates.reset("test-source", stream: "s", by: "wang", reason: "", on: hub.admin)
        _ = try StreamStates.restore("test-source", state: kept, by: "wang", reason: "undo", on: hub.admin)
        #expect(try hub.run(folder).facts == 0)
        try folder.write("id,n\n1,a\n2,c\n", to: "samples/a.csv")
        #expect(try hub.run(folder).facts == 1, "fingerprints are back, not only the cursor")
        #expect(throws: PostgresError.self) { try StreamStates.reset("nobody", stream: "s", by: "wang", reason: "", on: hub.admin) }
        #expect(throws: PostgresError.self) { try StreamStates.restore("test-source", state: 999, by: "wang", reason: "", on: hub.admin) }
    }
}
