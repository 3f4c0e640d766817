import Testing
@testable import AdapterKit

@Suite struct ManifestTests {
    private let fact = "facts: [{ event: 'case.received', subject: 'case/{id}', payload: { note: 'n' } }]"

    private func stream(_ text: String) -> String { manifestText("{ name: 's', mode: 'snapshot', key: ['id'], \(text) }") }

    @Test func theSmallestOne() throws {
        let manifest = try Manifest.parse(stream(fact), file: "f", folder: "/f")
        #expect(manifest.name == "test-source")
        #expect(manifest.streams[0].repeated == .quarantine)
        #expect(manifest.streams[0].facts[0].event == "case.received")
        #expect(manifest.schedule == nil)
    }

    @Test func unknownKeysNameTheNearest() {
        let text = """
            { adapter: "a", version: "1", department: "d", source: "u",
              input: { kind: "file", path: "x", format: "csv" },
              streems: [] }
            """
        #expect(mistake(in: text)?.description == "adapter.json5:3:3: \"streems\" is not a key of the adapter. The nearest known key is \"streams\".")
        #expect(
            mistake(in: stream("facts: [{ event: 'case.received', subjct: 'case/1' }]"))?.message == "\"subjct\" is not a key of a fact.")
        #expect(mistake(in: stream("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', typ: 'text' } } }]"))?.hint == "The nearest known key is \"type\".")
        #expect(mistake(in: stream("colour: 1, \(fact)"))?.hint?.hasPrefix("Known keys: name, input, mode") == true)
    }

    @Test(arguments: [
        ("facts: []", "\"facts\" of a stream must be a list of 1 to 200 facts."),
        ("facts: [{ event: 'case.recieved', subject: 'case/1' }]", "There is no contract for \"case.recieved\" version 1."),
        ("facts: [{ event: 'case.received', subject: '{id}' }]", "A subject must begin with a kind and a slash, such as \"building/{id}\"."),
        ("facts: [{ event: 'case.received', subject: 'case/{id' }]", "The template has a brace that is not closed."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: 7 } }]",
            "An expression must be a column's name or an object. Write { const: … } for a fixed value."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', type: 'int' } } }]", "\"int\" is not a type."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', const: 1 } } }]",
            "An expression needs exactly one of from, const, template, object, first, array, point, join."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', type: 'datetime', format: 'yyyy-QQ' } } }]",
            "The pattern \"yyyy-QQ\" has the unknown field \"QQ\"."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', type: 'datetime', zone: 'Asia/Shangai' } } }]",
            "\"Asia/Shangai\" is not a time zone."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', type: 'datetime', format: 'yyyy-MM-dd HH:mm' } } }]",
            "Stream \"s\": The column \"a\" needs a \"zone\": its pattern \"yyyy-MM-dd HH:mm\" has none."),
        ("facts: [{ event: 'case.received', subject: 'case/1', payload: { n: { from: 'a', collect: true } } }]",
            "Stream \"s\": \"collect\" of the column \"a\" needs repeated: \"collect\" or a group."),
        ("facts: [{ event: 'case.received', subject: 'case/1', occurred_at: { from: 'a', type: 'integer' } }]", "Occurred_at must be of type datetime or date."),
        ("facts: [{ event: 'case.received', subject: 'case/1', occurred_at: { from: 'a', type: 'date' } }]",
            "A date has a moment only in a zone: occurred_at needs \"zone\"."),
        ("facts: [{ event: 'case.received', subject: 'case/1', when: { present: 'a' } }]",
            "The fact \"case.received\" has a \"when\" that can turn false, but nothing that undoes it."),
        ("facts: [{ event: 'case.received', subject: 'case/1', undone: 'case.withdrawn' }]", "\"undone\" needs a \"when\" that can turn false."),
        ("facts: [{ event: 'case.received', subject: 'case/1', when: { is: 'a' } }]", "\"is\" is not a key of a condition."),
        ("group: { by: ['a'], window: '1h', time: 't' }, facts: [{ event: 'case.received', subject: 'case/1' }]",
            "\"key\" does not go with \"group\": the key of a group is \"by\" and the window."),
        ("cursor: 'a', facts: [{ event: 'case.received', subject: 'case/1' }]", "\"cursor\" goes with mode incremental."),
        ("personal: { id: 'mask' }, facts: [{ event: 'case.received', subject: 'case/{id}' }]",
            "Stream \"s\": The key column \"id\" is personal and must be a pseudonym or kept: encoded, sealed, masked or dropped it tells nothing apart."),
        ("personal: { p: 'drop' }, facts: [{ event: 'case.received', subject: 'case/1', payload: { note: 'p' } }]",
            "Stream \"s\": The column \"p\" is dropped as personal, but the mapping uses it."),
        ("personal: { 'p.name': 'mask' }, facts: [{ event: 'case.received', subject: 'case/1', payload: { note: 'p' } }]",
            "Stream \"s\": The column \"p\" is used whole, but holds the personal column \"p.name\"."),
        ("personal: { p: 'mask' }, facts: [{ event: 'case.received', subject: 'case/1', payload: { note: 'p.name' } }]",
            "Stream \"s\": The column \"p.name\" lies inside the personal column \"p\". Name it under \"personal\" itself."),
        ("personal: { p: 'keep' }, facts: [{ event: 'case.received', subject: 'case/1' }]",
            "Keeping \"p\" needs a purpose: write { keep: \"the purpose\" }."),
        ("contract: { max_refused_ratio: 2 }, facts: [{ event: 'case.received', subject: 'case/1' }]",
            "\"max_refused_ratio\" of the contract must be a number from 0 to 1."),
        ("repeated: 'first', facts: [{ event: 'case.received', subject: 'case/1' }]", "\"repeated\" of a stream must be one of collect, last, quarantine, update."),
        ("input: { kind: 'ftp' }, facts: []", "\"ftp\" is not a kind of input."),
        ("input: { kind: 'file', path: 'x', format: 'parquet' }, facts: []", "\"parquet\" is not a format."),
        ("input: { kind: 'file', path: 'x', format: { kind: 'ndjson', delimiter: ';' } }, facts: []", "\"delimiter\" is not a key of the format."),
        ("input: { kind: 'postgres', connection: { secret: 'dbname=x' }, table: 't' }, facts: []",
            "\"secret\" of the connection must say where it stands: \"env:NAME\" or \"file:/path\", never the secret itself."),
        ("input: { kind: 'postgres', connection: { secret: 'env:X' } }, facts: []", "A postgres input needs either \"table\" or \"query\"."),
    ])
    func mistakes(_ text: String, _ message: String) {
        #expect(mistake(in: stream(text))?.message == message)
    }

    @Test func whenOnTheKeyNeedsNoUndone() {
        #expect(mistake(in: stream("facts: [{ event: 'case.received', subject: 'case/1', when: { equals: { id: ['a', 'b'] } } }]")) == nil)
        #expect(mistake(in: stream("facts: [{ event: 'case.received', subject: 'case/1', when: { present: 'a' }, undone: 'none' }]")) == nil)
    }

    @Test func modesAskForWhatTheyNeed() {
        #expect(mistake(in: manifestText("{ name: 's', mode: 'snapshot', \(fact) }"))?.message == "Stream \"s\" needs a \"key\": the columns that tell its records apart.")
        #expect(mistake(in: manifestText("{ name: 's', mode: 'incremental', key: ['id'], \(fact) }"))?.message == "Stream \"s\" is incremental and needs a \"cursor\".")
        #expect(mistake(in: manifestText("{ name: 's', key: ['id'], \(fact) }"))?.message == "\"mode\" is missing in a stream: append, incremental or snapshot.")
        #expect(
            mistake(in: manifestText("{ name: 's', mode: 'append', group: { by: ['id'], window: '1h', time: 't' }, \(fact) }"))?.message
                == "\"group\" does not go with mode append: a window may still grow.")
    }

    @Test func syntaxErrorsKeepTheirPlace() {
        let error = mistake(in: "{\n  adapter: oops\n}")
        #expect(error?.line == 2)
        #expect(error?.kind == .configuration)
    }

    @Test func nearestWords() {
        #expect(nearestWord(to: "streems", in: ["streams", "schedule"]) == "streams")
        #expect(nearestWord(to: "knid", in: ["kind", "key"]) == "kind")
        #expect(nearestWord(to: "zzzzzz", in: ["streams", "schedule"]) == nil)
    }
}
