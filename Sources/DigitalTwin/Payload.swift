import PostgresClient
import Projections

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A claim's payload, its members found once, with what is needed to read references and units in it.
struct Payload {
    private let members: [(name: UnsafeRawBufferPointer, value: JSONView)]
    /// Name of the source, UTF-8: what its own keys are completed with.
    let source: [UInt8]
    let json: JSONView
    private let erasures: Erasures?
    /// What PostGIS made of positions in projected systems.
    let places: ProjectedPlaces?

    init(_ json: JSONView, source: [UInt8], erasures: Erasures? = nil, places: ProjectedPlaces? = nil) {
        self.erasures = erasures
        self.places = places
        var members: [(UnsafeRawBufferPointer, JSONView)] = []
        json.members { members.append(($0, $1)) }
        self.members = members
        self.source = source
        self.json = json
    }

    /// The value of a member; nil where it is absent or null.
    subscript(name: StaticString) -> JSONView? {
        for member in members where member.name.count == name.utf8CodeUnitCount {
            guard let start = member.name.baseAddress, memcmp(start, name.utf8Start, member.name.count) == 0 else { continue }
            return member.value.kind == .null ? nil : member.value
        }
        return nil
    }

    /// Whether a text is sealed under a key that was destroyed.
    func isErased(_ text: UnsafeRawBufferPointer) -> Bool { erasures?.destroyed(text) ?? false }

    /// Whether a reference is whole: where what stands before its first colon can be a source's name. It depends on the text
    /// alone, not on which sources there are by now.
    private static func isWhole(_ reference: UnsafeRawBufferPointer) -> Bool {
        guard let colon = reference.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { return false }
        return reference[..<colon].allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
    }

    /// An entity id, `<source>:<key>`, as text.
    static func whole(_ reference: String, of source: String) -> String {
        var reference = reference
        return reference.withUTF8 { isWhole(UnsafeRawBufferPointer($0)) } ? reference : source + ":" + reference
    }

    /// Writes an entity id, `<source>:<key>`: as it is where it is whole, else the source's own key, completed.
    func write(reference: UnsafeRawBufferPointer, into row: inout BinaryCopyWriter) {
        if Self.isWhole(reference) { row.data(reference) } else { source.withUnsafeBytes { row.data($0, UInt8(ascii: ":"), reference) } }
    }

    func write(reference name: StaticString, into row: inout BinaryCopyWriter) {
        if self[name]?.withText({ write(reference: $0, into: &row) }) == nil { row.null() }
    }
}

extension BinaryCopyWriter {
    mutating func text(_ value: JSONView?) {
        if value?.withText({ data($0) }) == nil { null() }
    }

    /// The first of some values that is not empty.
    mutating func text(firstOf values: JSONView?...) {
        for value in values where value?.withText({ data($0) }) != nil { return }
        null()
    }

    mutating func optional(_ bytes: [UInt8]?) { if let bytes { data(bytes) } else { null() } }
    mutating func optional(_ value: Double?) { if let value, value.isFinite { double(value) } else { null() } }
    mutating func optional(_ value: Int32?) { if let value { int4(value) } else { null() } }

    /// A moment in microseconds since 1970; nil is PostgreSQL's `-infinity`.
    mutating func momentOrNever(_ value_us: Int64?) {
        // The smallest integer is how PostgreSQL writes it.
        if let value_us { timestamp(Timestamp(microseconds: value_us)) } else { int8(Int64.min) }
    }
}
