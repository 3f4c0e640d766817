import EventLog
import Foundation
import Schemas

/// What a service may read, for machines: an AsyncAPI 3.0 document, made of the contracts in `Schemas/events`
/// and of the form that every change of the twin has.
package enum AsyncAPI {
    /// - Parameters:
    ///   - version: of this twinhub.
    ///   - changes: types of the twin's changes, such as `building.changed`.
    /// - Returns: JSON with sorted keys.
    /// - Throws: where a contract is no JSON, which the tests exclude.
    package static func document(version: String, changes: [String]) throws -> String {
        var messages: [String: Any] = [:]
        for type in EventType.shipped {
            let text = Schemas.text("events/\(type.name).v\(type.version).schema.json") ?? "{}"
            var contract = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
            let summary = contract["description"] as? String ?? type.name
            // An identity of its own: its "#/$defs/…" lead into itself, wherever it stands.
            contract["$id"] = "urn:twinhub:schema:\(type.name):v\(type.version)"
            messages["\(type.name).v\(type.version)"] = message(type.name, summary: summary, id: "urn:twinhub:event:\(type.name):v\(type.version)", data: contract)
        }
        let facts = messages.keys.sorted()
        for type in changes {
            messages["twin.\(type)"] = message(type, summary: "A row of the view twin.\(type.prefix { $0 != "." })", id: "urn:twinhub:change:\(type)", data: change)
        }
        messages["twin.rebuilt"] = message(
            "twin.rebuilt", summary: "The twin was made anew: read it anew; no filter holds this back", id: "urn:twinhub:change:twin.rebuilt", data: ["type": "object"])
        let document: [String: Any] = [
            "asyncapi": "3.0.0", "id": "urn:twinhub", "defaultContentType": CloudEventWriter.mediaType,
            "info": [
                "title": "twinhub", "version": version,
                "description": "Facts of every department's systems in the order of one log. "
                    + "Every event at least once, a subject's events in order, each with an id of its own.",
            ],
            "channels": [
                "log": channel("log", "The facts, as their sources told them", facts),
                "twin": channel("twin", "What the facts changed in the twin", messages.keys.filter { !facts.contains($0) }),
            ],
            "operations": [
                "tellFacts": ["action": "send", "channel": ["$ref": "#/channels/log"], "summary": "hub.poll, twinhub stream, webhooks"],
                "tellChanges": ["action": "send", "channel": ["$ref": "#/channels/twin"], "summary": "The same, with --twin or the stream 'twin'"],
            ],
            "components": ["messages": messages],
        ]
        let data = try JSONSerialization.data(withJSONObject: document, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// What a change holds.
    private static var change: [String: Any] {
        func row(_ description: String) -> [String: Any] { ["type": ["object", "null"], "description": description] }
        return [
            "type": "object", "required": ["before", "after"],
            "properties": [
                "before": row("What of the row was otherwise; all of it where the thing is gone; null where it is new"),
                "after": row("The row as it is now; null where the thing is gone"),
                "district": ["type": "string", "description": "Where the row says so"], "grid_cell": ["type": "string", "description": "Where the row says so"],
                "clock": ["type": "object", "description": "Of case.overdue: which clock, whose it is, when it started and when it was due"],
            ],
        ]
    }

    private static func channel(_ address: String, _ description: String, _ messages: [String]) -> [String: Any] {
        let references = Dictionary(uniqueKeysWithValues: messages.map { ($0, ["$ref": "#/components/messages/\($0)"]) })
        return ["address": address, "description": description, "messages": references]
    }

    private static func message(_ name: String, summary: String, id: String, data: [String: Any]) -> [String: Any] {
        func text(_ description: String) -> [String: Any] { ["type": "string", "minLength": 1, "description": description] }
        func moment(_ description: String) -> [String: Any] { ["type": "string", "format": "date-time", "description": description] }
        let properties: [String: Any] = [
            "specversion": ["const": "1.0"], "type": ["const": name], "datacontenttype": ["const": "application/json"],
            "id": text("Epoch and position: the same event always has the same id"), "source": text("URI of the system that told it"),
            "subject": text("What it is about: <kind>/<the source's key>"), "time": moment("When it happened, where the source says so"),
            "recordedtime": moment("When the hub recorded it"), "dataschema": text("Name of the contract of data"),
            "sequence": ["type": "string", "pattern": "^[0-9]{20}$", "description": "Position, padded: compares as text"],
            "partitionkey": text("Source and subject: events of one key come in order"), "causedby": text("Id of the fact it was derived from"), "data": data,
        ]
        let schema: [String: Any] = [
            "$id": id, "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties,
            "required": ["specversion", "id", "source", "type", "subject", "sequence", "recordedtime", "partitionkey", "data"],
        ]
        return [
            "name": name, "summary": summary, "contentType": CloudEventWriter.mediaType,
            "payload": ["schemaFormat": "application/schema+json;version=draft-2020-12", "schema": schema],
        ]
    }
}
