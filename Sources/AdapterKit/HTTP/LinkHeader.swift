/// The header `Link` (RFC 8288, section 3): `<url>; rel="next", <url>; rel="last"`.
enum LinkHeader {
    /// The target of the first link whose relations have this one.
    static func target(_ relation: String, in header: String) -> String? {
        var rest = Substring(header)
        while let open = rest.firstIndex(of: "<"), let close = rest[open...].firstIndex(of: ">") {
            let target = rest[rest.index(after: open)..<close]
            let parameters = parameters(&rest, from: rest.index(after: close))
            // Of several the first `rel` counts.
            if let relations = parameters.first(where: { $0.name == "rel" })?.value,
                relations.lowercased().split(separator: " ").contains(Substring(relation)) {
                return String(target)
            }
        }
        return nil
    }

    /// The parameters of one link; `rest` then begins behind its comma.
    private static func parameters(_ rest: inout Substring, from start: String.Index) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        var name = ""
        var value = ""
        var isValue = false
        var isQuoted = false
        var isEscaped = false
        func close() {
            let name = name.trimmed.lowercased()
            if !name.isEmpty { found.append((name, value.trimmed)) }
        }
        var index = start
        while index < rest.endIndex {
            let character = rest[index]
            rest.formIndex(after: &index)
            if isEscaped {
                value.append(character)
                isEscaped = false
            } else if isQuoted {
                if character == "\\" { isEscaped = true } else if character == "\"" { isQuoted = false } else { value.append(character) }
            } else if character == "," {
                break
            } else if character == ";" {
                close()
                (name, value, isValue) = ("", "", false)
            } else if character == "\"", isValue {
                isQuoted = true
            } else if character == "=", !isValue {
                isValue = true
            } else if isValue {
                value.append(character)
            } else {
                name.append(character)
            }
        }
        close()
        rest = rest[index...]
        return found
    }
}
