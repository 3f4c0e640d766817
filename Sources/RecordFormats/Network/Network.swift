/// One component line of a network file.
struct NetworkComponent {
    let section: String
    let line: Int
    let raw: [UInt8]
    let id: String
    /// The values of the section's fields, null where the line leaves them out.
    var values: [Value]
    let extra: Value
    let comment: Value
}

/// What a network file says, gathered line by line.
struct Network {
    private(set) var components: [NetworkComponent] = []
    /// Whether any section of components was seen.
    private(set) var isNetwork = false
    private var refusals: [Refusal] = []
    private var nodes: Set<String> = []
    private var links: Set<String> = []
    private var places: [String: (line: Int, raw: [UInt8], point: Value)] = [:]
    private var vertices: [String: [Value]] = [:]
    private var vertexLines: [String: (line: Int, raw: [UInt8])] = [:]
    private var statuses: [String: Value] = [:]
    private var tags: [String: Value] = [:]
    private var flowUnits: Value = .text("GPM")
    private var headloss: Value = .text("H-W")

    mutating func refuse(_ refusal: Refusal) { refusals.append(refusal) }

    mutating func sawSection(_ section: String) {
        if NetworkSection.holdsComponents(section) { isNetwork = true }
    }

    /// The refusals by line; afterwards there are none.
    mutating func takeRefusals() -> ArraySlice<Refusal> {
        defer { refusals = [] }
        return refusals.sorted { $0.line < $1.line }[...]
    }

    /// Reads a line of a section.
    mutating func read(_ raw: [UInt8], line: Int, section: String) {
        do throws(FormatError) {
            let text = try NetworkLine(raw)
            if NetworkSection.holdsComponents(section) {
                try add(text, NetworkPlace(line: line, raw: raw), section)
            } else {
                try note(text, line: line, raw: raw, section)
            }
        } catch {
            refusals.append(Refusal(line: line, raw: raw, rule: error.rule ?? Rule.syntax, message: error.what))
        }
    }

    private struct NetworkPlace {
        let line: Int
        let raw: [UInt8]
    }

    private mutating func add(_ text: NetworkLine, _ place: NetworkPlace, _ section: String) throws(FormatError) {
        guard let fields = NetworkSection.fields[section], let id = text.tokens.first else { return }
        // The id counts as known even where the rest of its line is broken: one bad line refuses one line.
        let isNew = fields.isNode ? nodes.insert(id).inserted : links.insert(id).inserted
        guard isNew else {
            throw NetworkLine.fault("The id of this \(section) occurs twice in the network.", rule: Rule.duplicateKey)
        }
        var tokens = text.tokens.dropFirst()
        guard tokens.count >= fields.required else {
            throw NetworkLine.fault(
                "A \(section) needs at least \(fields.required + 1) fields; this line has \(tokens.count + 1).", rule: Rule.ragged)
        }
        if section == "pump" { tokens = tokens.prefix(2) + [tokens.dropFirst(2).joined(separator: " ")] }
        // EPANET takes a status in the place of the minor loss too.
        if section == "pipe", tokens.count == 6, let last = tokens.last, NetworkLine.isStatus(last) {
            tokens = tokens.dropLast() + ["", last]
        }
        var values: [Value] = []
        for (position, field) in fields.names.enumerated() {
            guard position < tokens.count else {
                values.append(.null)
                continue
            }
            values.append(try NetworkLine.value(tokens[tokens.startIndex + position], field.0, field.1, section))
        }
        if section == "valve" { values[4] = try NetworkLine.setting(tokens[tokens.startIndex + 4], of: values[3]) }
        if !fields.isNode, values[0] == values[1] {
            throw NetworkLine.fault("The \(section) begins and ends at the same node.", rule: Rule.syntax)
        }
        let extra = tokens.dropFirst(fields.names.count).joined(separator: " ")
        components.append(
            NetworkComponent(
                section: section, line: place.line, raw: place.raw, id: id, values: values,
                extra: extra.isEmpty ? .null : .text(extra), comment: text.comment))
    }

    private mutating func note(_ text: NetworkLine, line: Int, raw: [UInt8], _ section: String) throws(FormatError) {
        let tokens = text.tokens
        guard let first = tokens.first else { return }
        switch section {
        case "coordinates", "vertices":
            guard tokens.count >= 3, let x = JSONNumber.normalised(tokens[1]), let y = JSONNumber.normalised(tokens[2]) else {
                throw NetworkLine.fault("A line of coordinates needs an id and two numbers.", rule: Rule.syntax)
            }
            let point = Value.array([.number(x), .number(y)])
            if section == "coordinates" {
                places[first] = (line, raw, point)
            } else {
                vertices[first, default: []].append(point)
                if vertexLines[first] == nil { vertexLines[first] = (line, raw) }
            }
        case "status":
            guard tokens.count >= 2 else {
                throw NetworkLine.fault("A line of [STATUS] needs an id and a status or setting.", rule: Rule.ragged)
            }
            statuses[first] = JSONNumber.normalised(tokens[1]).map(Value.number) ?? .text(tokens[1])
        case "tags":
            guard tokens.count >= 3 else { throw NetworkLine.fault("A line of [TAGS] needs a kind, an id and a tag.", rule: Rule.ragged) }
            tags[first.lowercased().hasPrefix("n") ? "node \(tokens[1])" : "link \(tokens[1])"] = .text(
                tokens.dropFirst(2).joined(separator: " "))
        default: try option(tokens)
        }
    }

    private mutating func option(_ tokens: [String]) throws(FormatError) {
        guard tokens.count >= 2 else { return }
        let (key, value) = (tokens[0].lowercased(), tokens[1].uppercased())
        if key == "units" {
            guard NetworkLine.flowUnits.contains(value) else {
                // A default would silently give every length and flow a wrong unit.
                flowUnits = .null
                throw NetworkLine.fault("The flow unit of the network is unknown to EPANET.", rule: Rule.syntax)
            }
            flowUnits = .text(value)
        } else if key == "headloss" {
            headloss = .text(value)
        }
    }

    /// Refuses what names a node or link that is nowhere defined.
    mutating func finish() {
        components.removeAll { component in
            guard NetworkSection.fields[component.section]?.isNode == false else { return false }
            for end in 0...1 {
                guard case .text(let node) = component.values[end], !nodes.contains(node) else { continue }
                refusals.append(
                    Refusal(
                        line: component.line, raw: component.raw, rule: Rule.unknownNode,
                        message: "The \(component.section) \(end == 0 ? "begins" : "ends") at a node that the network does not define."))
                return true
            }
            return false
        }
        for (id, place) in places where !nodes.contains(id) {
            refusals.append(
                Refusal(
                    line: place.line, raw: place.raw, rule: Rule.unknownNode,
                    message: "These coordinates belong to a node that the network does not define."))
        }
        for (id, place) in vertexLines where !links.contains(id) {
            refusals.append(
                Refusal(
                    line: place.line, raw: place.raw, rule: Rule.unknownNode,
                    message: "This vertex belongs to a link that the network does not define."))
        }
    }

    /// The record of a component.
    func record(of component: NetworkComponent) -> Record? {
        guard let shape = NetworkSection.shapes[component.section], let fields = NetworkSection.fields[component.section] else {
            return nil
        }
        var values: [Value] = [.text(component.section), .text(component.id)] + component.values
        if fields.isNode {
            if case .array(let point)? = places[component.id]?.point { values += point } else { values += [.null, .null] }
            values.append(tags["node \(component.id)"] ?? .null)
        } else {
            let status = statuses[component.id]
            if component.section == "pipe" {
                if let status { values[values.count - 1] = status }
            } else {
                values.append(status ?? .null)
            }
            values.append(path(of: component))
            values.append(tags["link \(component.id)"] ?? .null)
        }
        values += [component.comment, component.extra, flowUnits, headloss]
        return Record(shape: shape, values: values, line: component.line, raw: component.raw)
    }

    private func path(of component: NetworkComponent) -> Value {
        guard case .text(let first) = component.values[0], case .text(let last) = component.values[1],
            let start = places[first]?.point, let end = places[last]?.point
        else { return .null }
        return .array([start] + (vertices[component.id] ?? []) + [end])
    }
}
