import AdapterKit
import EventStreams
import Foundation
import PostgresClient
import PrivateServer
import RecordFormats
import Subprocess
import Testing

/// What services get, against the specification's own JSON Schema (`CloudEventsSpecification`, Apache License 2.0) and a library of others.
@Suite("CloudEvents")
struct CloudEventTests {
    /// What each way hands over: facts with and without what they may lack, and changes of the twin.
    private struct Delivered {
        var lines: [String] = []
        var requests: [WebhookReceiver.Request] = []

        init() throws {
            let hub = try StreamHub()
            try hub.append("police", ["building/1", "case/\"7\"\\\u{1}浦东"], payload: "{\"a\":1.10,\n\"b\":[null]}")
            try hub.append("house", ["building/2"], payload: "{}")
            try hub.owner.execute(
                """
                INSERT INTO hub.event (source_id, type_id, subject, batch_id, occurred_at, caused_by, payload)
                SELECT id, 1, 'building/3', 0, '2026-01-02 03:04:05.678901Z', 1, '"text"' FROM hub.source LIMIT 1;
                INSERT INTO hub.twin_change (position, type, subject, caused_by, payload) VALUES (1, 'building.created', 'building/a:1', 2, '{"before":null,"after":{}}')
                """)
            func keep(_ bytes: UnsafeRawBufferPointer, _: Int64) { lines += String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init) }
            _ = try LogStream(hub.owner).read(after: 0, keep)
            _ = try ChangeStream(hub.owner).read(after: 0, keep)
            for (name, batch, stream) in [("alone", 1, Consumer.Stream.log), ("many", 3, .log), ("twin", 1, .twin)] {
                let receiver = try WebhookReceiver()
                try Webhook.add(name, url: receiver.url, batch: batch, filter: .init(), stream: stream, after: 0, allowsHTTP: false, on: hub.owner)
                let signature = try #require(WebhookSignature(secret: WebhookSignature.newSecret()))
                let delivery = WebhookDelivery(name, signature: signature, post: HTTPPost(), stop: StopSignal(), on: try Connection(hub.conninfo))
                while try delivery.step() != .caughtUp {}
                _ = try delivery.test(id: "test")
                requests += receiver.requests.value
            }
        }
    }

    /// The specification's schema in the words of draft 2020-12; that URIs are URIs is asked of Foundation.
    private static func schema() throws -> JSONSchema {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "CloudEventsSpecification/cloudevents.json")
        return try JSONSchema(
            String(contentsOf: file, encoding: .utf8).replacing("definitions", with: "$defs").replacing(/"format": "uri(-reference)?",/, with: "")
                .replacing(/,\s*"contentEncoding": "base64"/, with: ""))
    }

    @Test("Every event fits the specification's JSON Schema")
    func specification() throws {
        let delivered = try Delivered(), schema = try Self.schema()
        #expect(schema.violation(in: try JSONParser.parse(#"{"specversion":"1.0","source":"a","type":"b","id":""}"#)) != nil)
        var events = try delivered.lines.map { try JSONParser.parse($0) }
        for request in delivered.requests {
            let body = try JSONParser.parse(String(decoding: request.body, as: UTF8.self))
            if case .array(let several) = body { events += several } else { events.append(body) }
        }
        #expect(events.count == 5 + 5 + 5 + 2)
        for event in events {
            #expect(schema.violation(in: event) == nil, "\(event)")
            for name in ["source", "dataschema"] {
                guard let text = event[member: name]?.string else { continue }
                #expect(URL(string: text)?.scheme != nil, "\(name) is no URI: \(text)")
            }
        }
    }

    @Test("A public library reads what streams and webhooks tell", .enabled(if: sdk != nil, "set TWINHUB_PYTHON to a Python that has cloudevents 2 (PyPI)"))
    func library() throws {
        let delivered = try Delivered()
        let requests = try delivered.requests.map { request in
            try String(decoding: JSONEncoder().encode(["type": request.headers["content-type"] ?? "", "body": String(decoding: request.body, as: UTF8.self)]), as: UTF8.self)
        }
        let file = FileManager.default.temporaryDirectory.path + "/twinhub-events-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { for end in ["", ".requests"] { try? FileManager.default.removeItem(atPath: file + end) } }
        try (delivered.lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        try (requests.joined(separator: "\n") + "\n").write(toFile: file + ".requests", atomically: true, encoding: .utf8)
        let outcome = try ChildProcess.run(Self.sdk ?? "", ["-c", Self.script, file])
        #expect(outcome.output == "5 lines, 7 bodies, 3 arrays of 5\n", "\(outcome.output.suffix(2_000))")
    }

    /// Batches have no reader in the library: its events do.
    private static let script = """
        import json, sys
        from cloudevents.core.bindings.http import HTTPMessage, from_http
        from cloudevents.core.formats.json import JSONFormat
        from cloudevents.core.v1.event import CloudEvent
        def check(e):
            assert e.get_specversion() == '1.0' and e.get_id() and e.get_data() is not None
            assert e.get_type() == 'twinhub.webhook.tested' or len(e.get_extension('sequence')) == 20
        lines = [JSONFormat().read(CloudEvent, line) for line in open(sys.argv[1], 'rb')]
        alone, arrays = [], []
        for line in open(sys.argv[1] + '.requests'):
            r = json.loads(line)
            if r['type'].startswith('application/cloudevents-batch+json'):
                arrays.append([JSONFormat().read(CloudEvent, json.dumps(e).encode()) for e in json.loads(r['body'])])
            else:
                alone.append(from_http(HTTPMessage(headers={'content-type': r['type']}, body=r['body'].encode()), JSONFormat(), CloudEvent))
        for e in lines + alone + sum(arrays, []): check(e)
        ids = [e.get_id() for e in lines]
        assert ids[:4] == [e.get_id() for e in alone[:4]] == [e.get_id() for e in sum(arrays, [])[:4]]
        print(f'{len(lines)} lines, {len(alone)} bodies, {len(arrays)} arrays of {len(sum(arrays, []))}')
        """

    /// A Python that has the library: `TWINHUB_PYTHON`, else python3.
    private static var sdk: String? {
        let program = ProcessInfo.processInfo.environment["TWINHUB_PYTHON"] ?? "python3"
        return (try? ChildProcess.run(program, ["-c", "import cloudevents.core.bindings.http"]))?.status == 0 ? program : nil
    }
}
