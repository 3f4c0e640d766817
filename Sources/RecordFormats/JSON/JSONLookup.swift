/// Single values of a JSON document, found in flat memory however long it is.
package enum JSONLookup {
    /// The values at JSON pointers (RFC 6901), in their order; nil where there is none, or an array or object.
    ///
    /// Throws `data` where the document breaks before all are found, `configuration` where a pointer is none.
    package static func scalars(at pointers: [String], in source: any ByteSource) throws(FormatError) -> [Value?] {
        var search = Search(cursor: JSONCursor(window: ByteWindow(source)))
        for pointer in pointers { search.paths.append(try JSONPointer(pointer).tokens) }
        search.found = Array(repeating: nil, count: pointers.count)
        try search.cursor.window.skip(utf8Mark)
        try search.visit(Array(pointers.indices), depth: 0)
        return search.found
    }

    private struct Search {
        let cursor: JSONCursor
        var paths: [[String]] = []
        var found: [Value?] = []
        /// How many pointers led to something.
        var met = 0

        /// - Parameters:
        ///   - wanted: the pointers whose first `depth` tokens led to the value at hand.
        mutating func visit(_ wanted: [Int], depth: Int) throws(FormatError) {
            let here = wanted.filter { paths[$0].count == depth }
            met += here.count
            switch try cursor.peek() {
            case UInt8(ascii: "{"): try members(wanted, depth)
            case UInt8(ascii: "["): try elements(wanted, depth)
            case nil: throw cursor.fault("The document ends too early.")
            default:
                guard let length = try cursor.extent(), length > 0 else { throw cursor.fault("No JSON value begins here.") }
                if !here.isEmpty {
                    let value = try JSONParser.parse(UnsafeRawBufferPointer(rebasing: cursor.window.bytes[..<length]))
                    for index in here { found[index] = value }
                }
                cursor.window.consume(length)
            }
        }

        private mutating func members(_ wanted: [Int], _ depth: Int) throws(FormatError) {
            cursor.window.consume(1)
            if try cursor.take("}") { return }
            repeat {
                let name = try cursor.name()
                try step(wanted.filter { paths[$0].count > depth && paths[$0][depth] == name }, depth)
                if met == paths.count { return }
            } while try cursor.take(",")
            guard try cursor.take("}") else { throw cursor.fault("A comma or the object's end is expected.") }
        }

        private mutating func elements(_ wanted: [Int], _ depth: Int) throws(FormatError) {
            cursor.window.consume(1)
            if try cursor.take("]") { return }
            var position = 0
            repeat {
                try step(wanted.filter { paths[$0].count > depth && paths[$0][depth] == String(position) }, depth)
                if met == paths.count { return }
                position += 1
            } while try cursor.take(",")
            guard try cursor.take("]") else { throw cursor.fault("A comma or the array's end is expected.") }
        }

        private mutating func step(_ next: [Int], _ depth: Int) throws(FormatError) {
            _ = try cursor.peek()
            if !next.isEmpty { return try visit(next, depth: depth + 1) }
            guard try cursor.skipValue().complete else { throw cursor.fault("The document ends before it is closed.") }
        }
    }
}
