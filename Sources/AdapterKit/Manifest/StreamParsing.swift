import RecordFormats

/// Compiles one stream of a manifest.
struct StreamParsing {
    private let object: ManifestObject
    private let file: String
    private let name: String
    private let mode: Stream.Mode
    private var parsing: ExpressionParsing
    private var rules: [String: PersonalRule] = [:]

    private static let keys = [
        "name", "input", "mode", "key", "repeated", "null", "where", "facts", "group", "removed", "personal", "subject_of", "ignore", "optional",
        "contract", "cursor", "each", "unpivot", "tap_stream", "replication_method", "replication_key",
    ]

    static func stream(_ value: LocatedValue, file: String, shared: Input?) throws(AdapterError) -> Stream {
        var parsing = try StreamParsing(value, file: file)
        return try parsing.stream(shared: shared)
    }

    private init(_ value: LocatedValue, file: String) throws(AdapterError) {
        object = try ManifestObject(value, "a stream", file: file, known: Self.keys)
        self.file = file
        name = try object.requiredString("name")
        guard let word = try object.word("mode", of: Stream.Mode.allCases.map(\.rawValue)), let mode = Stream.Mode(rawValue: word) else {
            throw object.fault("\"mode\" is missing in a stream: append, incremental or snapshot.", at: value)
        }
        self.mode = mode
        parsing = ExpressionParsing(file: file)
    }

    private mutating func stream(shared: Input?) throws(AdapterError) -> Stream {
        let input = try input(shared)
        rules = try personal()
        let subjectOf = try subjectOf()
        let key = try object.strings("key") ?? []
        let keySlots = key.map { parsing.scope.slot($0) }
        let condition: Condition? = if let value = object["where"] { try parsing.condition(value) } else { nil }
        let group = try group()
        let tap = try tapStream(input)
        let repeated = try repeated(group: group, tap)
        let cursor = try cursor(input, tap)
        try checkKey(key, group: group)
        if tap != nil, let place = object["group"] {
            throw object.fault("\"group\" does not go with a singer input: its records come once, and a window may still grow.", at: place)
        }
        let united = repeated == .collect || group != nil
        if mode == .append {
            if case .postgres = input {
                throw object.fault("Mode append reads files: a table is read again each time.", at: object.value, hint: "Use incremental or snapshot.")
            }
            if group != nil {
                throw object.fault(
                    "\"group\" does not go with mode append: a window may still grow.", at: object.value, hint: "Use mode snapshot without \"removed\".")
            }
        }
        if let group, let cursor, cursor.kind != .datetime {
            throw object.fault("A stream with \"group\" needs a cursor of type datetime, so that windows are read whole (\(group.window_s) s).", at: object.value)
        }
        let facts = try facts(fixedSlots: Set(keySlots + (group?.slots ?? [])))
        let removed = try removed(input)
        if case .http(let http) = input { try http.requirePagesFit(mode, removed, object) }
        if case .piped = input, let removed, removed.maxRatio == nil {
            throw object.fault(
                "\"removed\" of a stream that is piped in needs \"max_ratio\": an export that broke off looks like one that is whole.",
                at: try object.required("removed"))
        }
        for fact in facts where fact.removed != nil && removed == nil {
            throw AdapterError(.configuration, "A fact has \"removed\", but its stream has none.", file: file, line: fact.line)
        }
        let stream = Stream(
            name: name, mode: mode, input: input, key: key, repeated: repeated, group: group, facts: facts, removed: removed, cursor: cursor,
            tap: tap, contract: try contract(), personal: rules, subjectOf: subjectOf, ignored: Set(try object.strings("ignore") ?? []),
            optional: Set(try object.strings("optional") ?? []), spread: try spread(), condition: condition,
            nullWords: Set(try object.strings("null") ?? []), scope: parsing.scope, keySlots: keySlots, line: object.value.line)
        try StreamRules(stream: stream, united: united, object: object).check()
        return stream
    }

    private func input(_ shared: Input?) throws(AdapterError) -> Input {
        if let own = object["input"] { return try InputParsing(file: file).input(own) }
        guard let shared else { throw object.fault("Stream \"\(name)\" has no input, and the adapter has none either.", at: object.value) }
        return shared
    }

    /// What the stream says to its tap; nil where its input is none.
    private func tapStream(_ input: Input) throws(AdapterError) -> Input.TapStream? {
        guard case .singer = input else {
            for name in ["tap_stream", "replication_method", "replication_key"] {
                if let place = object[name] { throw object.fault("\"\(name)\" goes with a singer input.", at: place) }
            }
            return nil
        }
        let key = try object.string("replication_key")
        let method = try object.word("replication_method", of: ["FULL_TABLE", "INCREMENTAL", "LOG_BASED"])
        let own: String? = mode == .snapshot ? "FULL_TABLE" : key != nil ? "INCREMENTAL" : nil
        return Input.TapStream(name: try object.string("tap_stream") ?? name, replicationMethod: method ?? own, replicationKey: key)
    }

    private func repeated(group: Stream.Group?, _ tap: Input.TapStream?) throws(AdapterError) -> Stream.Repeated {
        guard let word = try object.word("repeated", of: Stream.Repeated.allCases.map(\.rawValue)) else { return tap == nil ? .quarantine : .update }
        if tap != nil, word == "collect" || word == "last" {
            throw object.fault(
                "repeated: \"\(word)\" does not go with a singer input: its records come once, one after another.",
                at: try object.required("repeated"), hint: "Leave it out: each counts, and the later one is newer.")
        }
        if group != nil || mode == .append {
            throw object.fault("\"repeated\" does not go with \"group\" or mode append: every record counts there.", at: try object.required("repeated"))
        }
        return Stream.Repeated(rawValue: word) ?? .quarantine
    }

    private func checkKey(_ key: [String], group: Stream.Group?) throws(AdapterError) {
        if group != nil, let place = object["key"] {
            throw object.fault("\"key\" does not go with \"group\": the key of a group is \"by\" and the window.", at: place)
        }
        if group == nil, mode != .append, key.isEmpty {
            throw object.fault("Stream \"\(name)\" needs a \"key\": the columns that tell its records apart.", at: object.value)
        }
        if Set(key).count != key.count { throw object.fault("\"key\" names a column twice.", at: try object.required("key")) }
    }

    private mutating func group() throws(AdapterError) -> Stream.Group? {
        guard let value = object["group"] else { return nil }
        let group = try ManifestObject(value, "a group", file: file, known: ["by", "window", "time"])
        guard let window_s = try group.duration_s("window") else { throw group.fault("\"window\" is missing in a group.", at: value) }
        let columns = try group.strings("by") ?? []
        let slots = columns.map { parsing.scope.slot($0) }
        let time = try moment(try group.required("time"), "the time of a group")
        return Stream.Group(slots: slots, window_s: window_s, time: time)
    }

    private mutating func cursor(_ input: Input, _ tap: Input.TapStream?) throws(AdapterError) -> Stream.Cursor? {
        if tap != nil {
            guard let place = object["cursor"] else { return nil }
            throw object.fault("\"cursor\" does not go with a singer input: its STATE is the cursor.", at: place, hint: "Did you mean \"replication_key\"?")
        }
        let inherited = object["input"].flatMap { InputParsing(file: file).cursor(ofInput: $0) }
        guard let value = object["cursor"] ?? inherited else {
            if mode == .incremental { throw object.fault("Stream \"\(name)\" is incremental and needs a \"cursor\".", at: object.value) }
            return nil
        }
        guard mode == .incremental else { throw object.fault("\"cursor\" goes with mode incremental.", at: value) }
        var cursor = try cursor(value)
        if let place = value["tie_breaker"] {
            guard case .postgres = input else { throw object.fault("\"tie_breaker\" orders the rows of a table: it goes with a postgres input.", at: place) }
            let column = try ManifestObject(value, "a cursor", file: file, known: nil).requiredString("tie_breaker")
            (cursor.tieBreaker, cursor.tieSlot) = (column, parsing.scope.slot(column))
        }
        return cursor
    }

    private mutating func cursor(_ value: LocatedValue) throws(AdapterError) -> Stream.Cursor {
        if case .string(let column) = value.node {
            let slot = parsing.scope.slot(column)
            return Stream.Cursor(column: column, kind: .text, moment: .constant(.null), slot: slot, lag: 0)
        }
        let cursor = try ManifestObject(value, "a cursor", file: file, known: ["column", "type", "format", "zone", "lag", "tie_breaker"])
        let column = try cursor.requiredString("column")
        let slot = parsing.scope.slot(column)
        switch try cursor.word("type", of: ["integer", "text", "datetime"]) {
        case "integer"?:
            return Stream.Cursor(column: column, kind: .integer, moment: .constant(.null), slot: slot, lag: try cursor.integer("lag") ?? 0)
        case "datetime"?:
            var members = [LocatedMember(name: "from", line: value.line, column: value.column, value: try cursor.required("column"))]
            members += cursor.all.filter { ["type", "format", "zone"].contains($0.name) }
            let moment = try self.moment(LocatedValue(line: value.line, column: value.column, node: .object(members)), "a cursor")
            return Stream.Cursor(column: column, kind: .datetime, moment: moment, slot: slot, lag: try cursor.duration_s("lag") ?? 0)
        default:
            if let lag = cursor["lag"] { throw cursor.fault("\"lag\" needs a cursor of type integer or datetime.", at: lag) }
            return Stream.Cursor(column: column, kind: .text, moment: .constant(.null), slot: slot, lag: 0)
        }
    }

    /// An expression that gives a moment: a column's name means an ISO 8601 datetime.
    private mutating func moment(_ value: LocatedValue, _ what: String) throws(AdapterError) -> Expression {
        var expression = try parsing.expression(value)
        if case .column(var column) = expression, column.type == .asGiven {
            column.type = .datetime(.iso8601, nil)
            expression = .column(column)
        }
        try requireMoment(expression, what, at: value)
        return expression
    }

    private func requireMoment(_ expression: Expression, _ what: String, at value: LocatedValue) throws(AdapterError) {
        switch expression {
        case .column(let column), .converted(_, let column):
            if column.shaping?.split != nil, column.shaping?.split?.at == nil { throw object.fault("\(what.capitalizedFirst) must be one moment, not a list.", at: value) }
            switch column.type {
            case .datetime: return
            case .date(let pattern, let zone):
                guard zone != nil || pattern.hasOwnZone else {
                    throw object.fault("A date has a moment only in a zone: \(what) needs \"zone\".", at: value)
                }
                guard pattern.precision == .day || column.period != nil else {
                    throw object.fault(
                        "A month or a year is no moment: \(what) needs \"period\".", at: value,
                        hint: "Write period: \"start\" or \"end\" where one of them is meant; else put the date into the payload.")
                }
            default: throw object.fault("\(what.capitalizedFirst) must be of type datetime or date.", at: value)
            }
        case .first(let choices): for choice in choices { try requireMoment(choice, what, at: value) }
        case .constant(.text), .template: return
        default: throw object.fault("\(what.capitalizedFirst) must be a datetime.", at: value)
        }
    }

    private mutating func facts(fixedSlots: Set<Int>) throws(AdapterError) -> [Stream.Fact] {
        let list = try object.required("facts")
        guard case .array(let items) = list.node, !items.isEmpty, items.count <= 200 else {
            throw object.fault("\"facts\" of a stream must be a list of 1 to 200 facts.", at: list)
        }
        var facts: [Stream.Fact] = []
        for item in items { facts.append(try fact(item, fixedSlots: fixedSlots)) }
        return facts
    }

    private mutating func fact(_ value: LocatedValue, fixedSlots: Set<Int>) throws(AdapterError) -> Stream.Fact {
        let fact = try ManifestObject(
            value, "a fact", file: file, known: ["event", "version", "subject", "occurred_at", "when", "undone", "removed", "payload"])
        let event = try fact.requiredString("event")
        let version = try fact.integer("version") ?? 1
        try requireContract(event, version, fact, at: try fact.required("event"))
        let subject = try self.subject(fact)
        let condition: Condition? = if let when = fact["when"] { try parsing.condition(when) } else { nil }
        let undone = try undone(fact)
        if condition == nil, let place = fact["undone"] { throw fact.fault("\"undone\" needs a \"when\" that can turn false.", at: place) }
        if let condition, undone == nil, mode != .append, !condition.slots.isSubset(of: fixedSlots) {
            throw fact.fault(
                "The fact \"\(event)\" has a \"when\" that can turn false, but nothing that undoes it.", at: value,
                hint: "Name the event that tells it with \"undone\", or write undone: \"none\".")
        }
        let removed = try fact.string("removed")
        if let removed { try requireContract(removed, 1, fact, at: try fact.required("removed")) }
        let occurredAt: Expression? = if let at = fact["occurred_at"] { try moment(at, "occurred_at") } else { nil }
        let payload: [NamedExpression] = if let payload = fact["payload"] { try members(payload) } else { [] }
        return Stream.Fact(
            event: event, version: version, subject: subject, occurredAt: occurredAt, condition: condition, undone: undone, removed: removed,
            payload: payload, line: value.line)
    }

    /// A payload's members, sealed where their columns are.
    private mutating func members(_ payload: LocatedValue) throws(AdapterError) -> [NamedExpression] {
        let sealed = Set(rules.filter { $0.value == .seal }.keys)
        return try parsing.members(payload).map { $0.sealing(sealed) }
    }

    /// A fact's own subject, or the first fact's.
    private mutating func subject(_ fact: ManifestObject) throws(AdapterError) -> Expression {
        try parsing.subject(try fact.required("subject"))
    }

    private mutating func undone(_ fact: ManifestObject) throws(AdapterError) -> Stream.Undone? {
        guard let value = fact["undone"] else { return nil }
        if mode == .append { throw fact.fault("\"undone\" does not go with mode append: its rows never change.", at: value) }
        if case .string(let event) = value.node {
            if event == "none" { return .nothing }
            try requireContract(event, 1, fact, at: value)
            return .event(event, occurredAt: nil, payload: [])
        }
        let undone = try ManifestObject(value, "\"undone\"", file: file, known: ["event", "occurred_at", "payload"])
        let event = try undone.requiredString("event")
        try requireContract(event, 1, undone, at: try undone.required("event"))
        let occurredAt: Expression? = if let at = undone["occurred_at"] { try moment(at, "occurred_at") } else { nil }
        let payload: [NamedExpression] = if let payload = undone["payload"] { try members(payload) } else { [] }
        return .event(event, occurredAt: occurredAt, payload: payload)
    }

    private mutating func removed(_ input: Input) throws(AdapterError) -> Stream.Removed? {
        guard let value = object["removed"] else { return nil }
        let removed = try ManifestObject(value, "\"removed\"", file: file, known: ["event", "subject", "max_ratio", "key_scan"])
        let keyScan_s = try keyScan_s(removed, input)
        guard mode == .snapshot || keyScan_s != nil else {
            throw object.fault(
                "\"removed\" goes with mode snapshot: only a full list shows what vanished.", at: value,
                hint: "Of a table in mode incremental, key_scan: true reads all keys for it.")
        }
        let event = try removed.requiredString("event")
        try requireContract(event, 1, removed, at: try removed.required("event"))
        let subject: Expression? = if let subject = removed["subject"] { try parsing.subject(subject) } else { nil }
        return Stream.Removed(event: event, subject: subject, maxRatio: try removed.ratio("max_ratio"), keyScan_s: keyScan_s)
    }

    private func keyScan_s(_ removed: ManifestObject, _ input: Input) throws(AdapterError) -> Int? {
        guard let value = removed["key_scan"] else { return nil }
        guard mode == .incremental, case .postgres = input, object["group"] == nil else {
            throw removed.fault("\"key_scan\" goes with mode incremental of a postgres input, without \"group\".", at: value)
        }
        if case .bool(let flag) = value.node { return flag ? 0 : nil }
        return try removed.duration_s("key_scan")
    }

    /// `each: path or [paths]`, or `unpivot: { columns, except }`.
    private func spread() throws(AdapterError) -> RecordSpread? {
        guard let value = object["unpivot"] else {
            guard let paths = try object.strings("each") else { return nil }
            guard !paths.isEmpty, paths.allSatisfy({ !$0.isEmpty }) else { throw object.fault("\"each\" names no column.", at: try object.required("each")) }
            return RecordSpread(form: .elements(paths))
        }
        if let each = object["each"] { throw object.fault("\"each\" does not go with \"unpivot\".", at: each) }
        let unpivot = try ManifestObject(value, "\"unpivot\"", file: file, known: ["columns", "except"])
        guard let patterns = try unpivot.strings("columns"), !patterns.isEmpty, patterns.allSatisfy({ !$0.isEmpty }) else {
            throw unpivot.fault("\"columns\" is missing in \"unpivot\": names, or patterns such as \"L_*\".", at: value)
        }
        // What is personal, or deliberately not used, is never taken by a pattern.
        let except = Set(try unpivot.strings("except") ?? []).union(try object.strings("ignore") ?? []).union(try personal().keys)
        return RecordSpread(form: .columns(patterns, except: except))
    }

    private func contract() throws(AdapterError) -> Stream.Contract {
        var contract = Stream.Contract()
        guard let value = object["contract"] else { return contract }
        let declared = try ManifestObject(value, "the contract", file: file, known: ["unknown_columns", "missing_columns", "types", "max_refused_ratio"])
        let modes = Stream.Contract.Drift.allCases.map(\.rawValue)
        if let mode = try declared.word("unknown_columns", of: modes).flatMap(Stream.Contract.Drift.init) { contract.unknownColumns = mode }
        if let mode = try declared.word("missing_columns", of: modes).flatMap(Stream.Contract.Drift.init) { contract.missingColumns = mode }
        if let word = try declared.word("types", of: modes + ["null"]) {
            // A frozen type leaves out what does not fit: "null" is the older word for it.
            contract.types = word == "freeze" ? .null : ColumnExpression.Otherwise(rawValue: word) ?? .quarantine
        }
        contract.maxRefusedRatio = try declared.ratio("max_refused_ratio")
        return contract
    }

    private func requireContract(_ event: String, _ version: Int, _ object: ManifestObject, at value: LocatedValue) throws(AdapterError) {
        guard Contracts.shipped[event, version] == nil else { return }
        let nearest = nearestWord(to: event, in: Contracts.shipped.names).map { "The nearest known one is \"\($0)\"." }
        throw object.fault(
            "There is no contract for \"\(event)\" version \(version).", at: value, hint: nearest ?? "Contracts are in Schemas/events.")
    }
}

extension StreamParsing {
    /// `"column"` or `{ column, domain }`.
    private mutating func subjectOf() throws(AdapterError) -> Stream.SubjectOf? {
        guard let value = object["subject_of"] else {
            guard let sealed = rules.filter({ $0.value == .seal }).keys.min() else { return nil }
            throw object.fault(
                "The column \"\(sealed)\" is sealed, and nothing says whose value it is.", at: try object.required("personal"),
                hint: "Add subject_of: the column that identifies the person.")
        }
        let column: String
        var domain: String?
        if case .string(let name) = value.node {
            column = name
        } else {
            let form = try ManifestObject(value, "\"subject_of\"", file: file, known: ["column", "domain"])
            column = try form.requiredString("column")
            domain = try form.string("domain")
        }
        guard let rule = rules[column] else {
            throw object.fault("The column \"\(column)\" of \"subject_of\" identifies a person and must be declared under \"personal\".", at: value)
        }
        if case .pseudonym(let own) = rule {
            if let domain, domain != own { throw object.fault("\"subject_of\" names another domain than the rule of its column, \"\(own)\".", at: value) }
            domain = own
        }
        return Stream.SubjectOf(column: column, domain: domain ?? PersonalNames.family(of: column) ?? column, slot: parsing.scope.slot(column))
    }

    /// `{ column: "pseudonym" | "encode" | "seal" | "mask" | "drop" | { pseudonym: domain } | { keep: purpose } }`.
    private func personal() throws(AdapterError) -> [String: PersonalRule] {
        guard let value = object["personal"] else { return [:] }
        let columns = try ManifestObject(value, "\"personal\"", file: file, known: nil)
        var rules: [String: PersonalRule] = [:]
        for column in columns.all { rules[column.name] = try rule(column) }
        return rules
    }

    private func rule(_ column: LocatedMember) throws(AdapterError) -> PersonalRule {
        let family = PersonalNames.family(of: column.name) ?? column.name
        if case .string(let word) = column.value.node {
            switch word {
            case "pseudonym": return .pseudonym(domain: family)
            case "encode": return .encode
            case "mask": return .mask
            case "drop": return .drop
            case "seal": return .seal
            case "keep": throw object.fault("Keeping \"\(column.name)\" needs a purpose: write { keep: \"the purpose\" }.", at: column.value)
            default: throw object.fault("\"\(word)\" is not a rule for a personal column: pseudonym, encode, seal, mask, drop or { keep: purpose }.", at: column.value)
            }
        }
        let form = try ManifestObject(column.value, "a rule for a personal column", file: file, known: ["keep", "pseudonym"])
        guard form.all.count == 1 else { throw form.fault("A rule for a personal column is one of keep, pseudonym.", at: column.value) }
        if form["keep"] != nil { return .keep(purpose: try form.requiredString("keep")) }
        return .pseudonym(domain: try form.requiredString("pseudonym"))
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
