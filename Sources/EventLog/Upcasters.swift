import PostgresClient

/// Lifts a payload of one version of a type to the next version.
///
/// Stored facts never change. A new version of a contract (`Schemas/events/<type>.v<n>.schema.json`) comes with one of these, and
/// readers that ask for it see every fact in its newest form.
package struct Upcaster: Sendable {
    package let type: String
    /// The version it takes; it gives the next one.
    package let from: Int
    /// From JSON to JSON. Pure: the same bytes give the same bytes, at every reading.
    package let lift: @Sendable (UnsafeRawBufferPointer) throws -> [UInt8]

    package init(_ type: String, from: Int, _ lift: @escaping @Sendable (UnsafeRawBufferPointer) throws -> [UInt8]) {
        self.type = type
        self.from = from
        self.lift = lift
    }
}

/// The upcasters that a reader uses, checked: from every version there is a way to the newest.
package struct Upcasters: Sendable {
    /// Those that this binary carries. None yet: every type is at version 1.
    package static let shipped: [Upcaster] = []

    private let steps: [EventType: Upcaster]
    private let newest: [String: Int]

    /// - Parameters:
    ///   - upcasters: one for each version but the newest.
    ///   - types: every version that facts may have.
    /// - Throws: `LogError(.noUpcaster)` where a version cannot be lifted, or a step leads nowhere or is there twice.
    package init(_ upcasters: [Upcaster] = Upcasters.shipped, types: [EventType] = EventType.shipped) throws(LogError) {
        var steps: [EventType: Upcaster] = [:]
        for upcaster in upcasters {
            let old = EventType(name: upcaster.type, version: upcaster.from)
            guard steps.updateValue(upcaster, forKey: old) == nil, types.contains(old), types.contains(old.next) else {
                throw LogError(.noUpcaster, "The upcaster of \(old) is there twice, or there are no contracts of both its versions in Schemas/events.")
            }
        }
        newest = Dictionary(types.map { ($0.name, $0.version) }, uniquingKeysWith: max)
        for type in types where type.version < newest[type.name] ?? 0 && steps[type] == nil {
            throw LogError(.noUpcaster, "\(type) is not the newest version, and no upcaster lifts it to the next one. Add one to Upcasters.shipped.")
        }
        self.steps = steps
    }

    /// The version in which facts of a type are read; nil for a type of which this binary has no contract.
    package func newest(of name: String) -> EventType? { newest[name].map { EventType(name: name, version: $0) } }

    /// Hands over a payload in the newest version. One that is there already is not copied.
    package func lift<T>(
        _ type: EventType, _ payload: UnsafeRawBufferPointer, _ body: (EventType, UnsafeRawBufferPointer) throws -> T
    ) throws -> T {
        guard let step = steps[type] else {
            guard let newest = newest[type.name], newest == type.version else {
                throw LogError(.noUpcaster, "The log holds facts of \(type), which this twinhub does not know. Use a newer twinhub.")
            }
            return try body(type, payload)
        }
        return try step.lift(payload).withUnsafeBytes { try lift(type.next, $0, body) }
    }
}

extension EventType: CustomStringConvertible {
    /// Such as `building.described version 1`.
    package var description: String { "\(name) version \(version)" }

    /// The next version.
    fileprivate var next: EventType { EventType(name: name, version: version + 1) }
}

extension SettledReader {
    /// As `read`, with every fact in the newest version of its type: its `typeID` and payload are that version's.
    ///
    /// - Parameters:
    ///   - types: only these types, by name, in whatever version they were stored; nil for all.
    ///   - upcasters: how to lift.
    ///   - catalog: what the numbers stand for; read after the facts' sources were registered.
    @discardableResult
    package func read(
        after: Int64, upTo: Int64? = nil, limit: Int = 50_000, types: Set<String>? = nil, lifting upcasters: Upcasters, _ catalog: Catalog,
        _ body: (StoredEvent) throws -> Void
    ) throws -> (position: Int64, count: Int) {
        let numbers = Dictionary(catalog.types.map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
        let wanted = types.map { names in Set(catalog.types.filter { names.contains($0.value.name) }.keys) }
        return try read(after: after, upTo: upTo, limit: limit, types: wanted) { event in
            guard let stored = catalog.types[event.typeID] else {
                throw LogError(.noUpcaster, "The fact at position \(event.position) is of type number \(event.typeID), which hub.event_type does not list.")
            }
            try upcasters.lift(stored, event.payload) { type, payload in
                if type == stored { return try body(event) }
                guard let number = numbers[type] else {
                    throw LogError(.noUpcaster, "hub.event_type does not list \(type). Run `twinhub migrate`.")
                }
                try body(event.lifted(to: number, payload))
            }
        }
    }
}

extension StoredEvent {
    fileprivate func lifted(to type: Int32, _ payload: UnsafeRawBufferPointer) -> StoredEvent {
        StoredEvent(
            position: position, sourceID: sourceID, typeID: type, subject: subject, occurredAt: occurredAt, recordedAt: recordedAt,
            batchID: batchID, causedBy: causedBy, payload: payload)
    }
}
