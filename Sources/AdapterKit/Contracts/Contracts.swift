import RecordFormats
import Schemas

/// The contracts of all facts that this binary knows: `Schemas/events/<type>.v<version>.schema.json`, compiled once.
package struct Contracts: Sendable {
    private let byType: [Key: JSONSchema]
    /// Contracts that are broken themselves; empty in a binary that passed its tests.
    package let faults: [String]

    /// All contracts' text, one after another.
    let text: String

    private struct Key: Hashable {
        let event: String
        let version: Int
    }

    /// Those in the binary.
    package static let shipped = Contracts()

    private init() {
        var byType: [Key: JSONSchema] = [:]
        var faults: [String] = []
        text = Schemas.files(in: "events").map(\.text).joined()
        for file in Schemas.files(in: "events") {
            let parts = (file.path.split(separator: "/").last ?? "").split(separator: ".")
            guard parts.count >= 4, parts.suffix(2) == ["schema", "json"], let version = Int(parts[parts.count - 3].dropFirst()) else { continue }
            do {
                byType[Key(event: parts.dropLast(3).joined(separator: "."), version: version)] = try JSONSchema(file.text)
            } catch {
                faults.append("\(file.path): \(error)")
            }
        }
        self.byType = byType
        self.faults = faults
    }

    /// Every event type, sorted.
    package var names: [String] { Set(byType.keys.map(\.event)).sorted() }

    package subscript(event: String, version: Int) -> JSONSchema? { byType[Key(event: event, version: version)] }
}
