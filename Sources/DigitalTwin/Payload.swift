import PostgresClient
import Projections

/// A claim's payload, its members found once, with what is needed to read references and units in it.
struct Payload {
    private let members: [(name: UnsafeRawBufferPointer, value: JSONView)]
    /// Name of the source, UTF-8: what its own keys are completed with.
    let source: [UInt8]
    let json: JSONView

    init(_ json: JSONView, source: [UInt8]) {
        var members: [(UnsafeRawBufferPointer, JSONView)] = []
        json.members { members.append(($0, $1)) }
        self.members = members
        self.source = source
        self.json = json
    }

    /// The value of a member; nil where it is absent or null.
    subscript(name: StaticString) -> JSONView? {
        for member in members where member.name.count == name.utf8CodeUnitCount {
            if member.name.elementsEqual(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)) {
                return member.value.kind == .null ? nil : member.value
            }
        }
        return nil
    }

    /// An entity id: `<source>:<key>` as it is, where what stands before the first colon can be a source's name; else the
    /// source's own key, completed. It depends on the text alone, not on which sources there are by now.
    func reference(_ name: StaticString) -> [UInt8]? {
        self[name]?.text.map(reference)
    }

    func reference(_ key: [UInt8]) -> [UInt8] {
        if let colon = key.firstIndex(of: UInt8(ascii: ":")), colon > 0,
            key[..<colon].allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") })
        {
            return key
        }
        return source + [UInt8(ascii: ":")] + key
    }
}

extension BinaryCopyWriter {
    mutating func optional(_ bytes: [UInt8]?) { if let bytes { data(bytes) } else { null() } }
    mutating func optional(_ value: Double?) { if let value, value.isFinite { double(value) } else { null() } }
    mutating func optional(_ value: Int32?) { if let value { int4(value) } else { null() } }

    /// A moment in microseconds since 1970; nil is PostgreSQL's `-infinity`.
    mutating func momentOrNever(_ value_us: Int64?) {
        // The smallest integer is how PostgreSQL writes it.
        if let value_us { timestamp(Timestamp(microseconds: value_us)) } else { int8(Int64.min) }
    }
}
