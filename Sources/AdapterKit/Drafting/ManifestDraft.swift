import RecordFormats

/// A manifest for a source that was looked at: what was guessed stands in comments beside it.
struct ManifestDraft {
    /// What the person said, or defaults.
    struct Wishes: Sendable {
        let name: String
        var event: String?
        /// Of times that name none; nil guesses.
        var zone: String?
        /// JSON5 of the input, without `samples`.
        var input: String
        /// JSON5 of the samples' format.
        var samplesFormat: String
    }

    let wishes: Wishes
    let sample: SourceSample
    let profiles: [ColumnProfile]
    let fit: EventFit?
    var personal: [(column: String, rule: String)] = []
    var used: Set<String> = []

    /// Throws `configuration` where an event is asked for that cannot be drafted.
    init(_ wishes: Wishes, _ sample: SourceSample) throws(AdapterError) {
        self.wishes = wishes
        self.sample = sample
        var names: [String] = []
        var seen: Set<String> = []
        for record in sample.records { for name in record.shape.names where seen.insert(name).inserted { names.append(name) } }
        var profiles: [ColumnProfile] = []
        var values = PersonalValues()
        for record in sample.records { values.note(record) }
        let suspects = Dictionary(values.suspects.map { ($0.column, $0.family) }, uniquingKeysWith: { a, _ in a })
        for name in names {
            // An object with a personal value somewhere inside counts as a whole.
            let inside = suspects.first { $0.key.hasPrefix(name + ".") }?.value
            profiles.append(ColumnProfile(name, in: sample.records, personal: suspects[name] ?? inside))
        }
        self.profiles = profiles
        if let event = wishes.event, event != "observations.recorded" {
            guard let asked = EventFit.all.first(where: { $0.event == event }) else {
                let known = EventFit.all.map(\.event) + ["observations.recorded"]
                throw AdapterError(
                    .configuration, "No manifest can be drafted for the event \"\(event)\".",
                    hint: "Choose one of \(known.joined(separator: ", ")), and change it in the manifest.")
            }
            fit = asked
        } else {
            let isSeries = Self.isSeries(profiles) || Self.long(profiles) != nil
            fit = wishes.event == nil && !isSeries ? EventFit.best(profiles) : nil
        }
    }

    /// Names of columns that are declared personal and change.
    var protectedColumns: Set<String> { Set(personal.filter { !$0.rule.hasPrefix("{") }.map(\.column)) }

    var event: String { isNetwork ? "junction.described …" : fit?.event ?? "observations.recorded" }

    var isNetwork: Bool { if case .inp = sample.format { true } else { false } }

    /// One time, and beside it mostly numbers.
    static func isSeries(_ profiles: [ColumnProfile]) -> Bool {
        guard let time = time(of: profiles) else { return false }
        let others = profiles.filter { $0.name != time.name && ($0.present > 0) }
        let numbers = others.count(where: { $0.isNumber })
        return numbers > 0 && numbers * 5 >= others.count * 4 && time.distinct * 2 > time.present
    }

    /// A reading a row: which sensor, what, when, how much.
    struct Long {
        let sensor: String
        let property: String?
        let value: ColumnProfile
        let time: ColumnProfile
    }

    static func long(_ profiles: [ColumnProfile]) -> Long? {
        func find(_ words: [String], _ fits: (ColumnProfile) -> Bool) -> ColumnProfile? { profiles.first { words.contains(EventFit.plain($0.name)) && fits($0) } }
        guard let value = find(["value", "result", "reading", "读数", "数值", "监测值"], { $0.isNumber }),
            let sensor = find(["sensor", "sensorid", "device", "deviceid", "samplepoint", "station", "meter", "设备编号", "传感器", "测点"], { $0.missing == 0 }),
            let time = profiles.first(where: { $0.timeFormat != nil && $0.missing == 0 })
        else { return nil }
        let property = find(["property", "observedproperty", "measure", "parameter", "指标", "监测指标"]) { $0.missing == 0 }
        return Long(sensor: sensor.name, property: property?.name, value: value, time: time)
    }

    static func time(of profiles: [ColumnProfile]) -> ColumnProfile? {
        profiles.first { $0.timeFormat != nil && $0.hasClock && $0.missing == 0 }
    }

    static func quoted(_ text: String) -> String { String(decoding: JSONWriter.encode(.text(text)), as: UTF8.self) }

    /// A template's column: braces in a name would end it.
    static func canStandInTemplate(_ name: String) -> Bool { !name.contains("{") && !name.contains("}") }

    // MARK: The text

    /// Throws `configuration` where the columns say too little.
    mutating func text() throws(AdapterError) -> String {
        let stream = if isNetwork { network() } else if let fit { try records(fit) } else if let long = Self.long(profiles) { readings(long) } else { try series() }
        let hasLocalTimes = stream.contains("zone: ")
        return """
            // Drafted from \(sample.records.count)\(sample.isWhole ? "" : " of the first") records. GUESS marks what was guessed: look at each, and correct it.
            {
              adapter: \(Self.quoted(wishes.name)), version: "0.1.0",
              department: "unknown",  // GUESS: who owns the source: police, property, water …
              source: \(Self.quoted("urn:source:\(wishes.name)")),  // GUESS: a URI that names the source system
              input: { \(wishes.input),
                samples: { path: "samples/*", format: \(wishes.samplesFormat) } },
            \(stream)
              // When `twinhub up` pulls it: { every: "10m" }, { cron: "0 6 * * *", zone: "\(zone)" } or { on_arrival: true }.
              schedule: { every: "1d" },\(hasLocalTimes ? "  // Times without a zone were taken for \(zone): GUESS." : "")
            }

            """
    }

    var zone: String {
        wishes.zone ?? (profiles.contains { $0.name.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } } ? "Asia/Shanghai" : "UTC")
    }

    func time(_ profile: ColumnProfile) -> String {
        let format = profile.timeFormat.flatMap { $0 == "iso8601" ? nil : ", format: \(Self.quoted($0))" } ?? ""
        let zone = profile.hasZone ? "" : ", zone: \(Self.quoted(self.zone))"
        let type = profile.hasClock ? "datetime" : "date"
        let period = profile.hasClock ? "" : ", period: \"start\""
        return "{ from: \(Self.quoted(profile.name)), type: \"\(type)\"\(format)\(zone)\(period) }"
    }

    func doubt(_ profile: ColumnProfile) -> String {
        profile.otherFormat.map { "  // GUESS: \($0) fits as well" } ?? ""
    }

    /// What is told of a column as a member of a contract.
    func member(_ name: String, _ profile: ColumnProfile, _ event: String) -> String? {
        let column = Self.quoted(profile.name)
        let kinds = Contracts.shipped[event, 1]?.kinds(of: name) ?? []
        if kinds.contains("number") || kinds.contains("integer") {
            guard profile.isNumber else { return nil }
            let type = kinds.contains("number") ? "decimal" : "integer"
            return "{ from: \(column), type: \"\(type)\"\(profile.thousands ? ", thousands: \",\"" : "")\(type == "integer" && !profile.isInteger ? ", otherwise: \"null\"" : "") }"
        }
        return profile.isTyped ? "{ from: \(column), type: \"text\" }" : column
    }

    // MARK: Keys

    /// The fewest columns that tell the records apart, those called like keys first.
    func key(without excluded: Set<String>) -> [String] {
        let words = ["id", "key", "code", "uid", "no", "number", "编号", "编码", "代码", "号"]
        func rank(_ profile: ColumnProfile) -> Int {
            let plain = EventFit.plain(profile.name)
            if words.contains(plain) || plain == "id" { return 0 }
            if words.contains(where: { plain.hasSuffix($0) }) { return 1 }
            return profile.timeFormat != nil || (profile.isNumber && !profile.isInteger) ? 3 : 2
        }
        let candidates = profiles.filter {
            $0.missing == 0 && !$0.isNested && !excluded.contains($0.name) && $0.name != "geometry" && Self.canStandInTemplate($0.name) && $0.longest <= 120
        }.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
        if let one = candidates.first(where: { $0.isUnique && rank($0) < 3 }) { return [one.name] }
        let few = Array(candidates.prefix(8))
        for (index, a) in few.enumerated() { for b in few[(index + 1)...] where isUnique([a.name, b.name]) { return [a.name, b.name] } }
        return candidates.first(where: \.isUnique).map { [$0.name] } ?? []
    }

    /// The column that names a feature of GeoJSON: its pieces may be several features.
    private var featureID: String? {
        guard case .geojson = sample.format else { return nil }
        return profiles.first { EventFit.plain($0.name) == "id" && $0.missing == 0 && !$0.isNested && Self.canStandInTemplate($0.name) }?.name
    }

    private var keyReason: String {
        if case .geojson = sample.format { return "features of one key are pieces of one thing\n    repeated: \"collect\"," }
        return "different in each of the records that were looked at"
    }

    func isUnique(_ columns: [String]) -> Bool {
        var seen: Set<[String]> = []
        return sample.records.allSatisfy { record in seen.insert(columns.map { record[$0]?.string ?? "" }).inserted }
    }

    // MARK: Streams

    mutating func declarePersonal(_ fit: EventFit?, key: [String]) {
        for profile in profiles {
            if profile.isNested, profile.name != "geometry" {
                if !profile.suspects.isEmpty || profile.personal != nil { personal.append((profile.name, "\"drop\"")) }
                continue
            }
            let byName = PersonalNames.family(of: profile.name)
            guard let family = profile.personal ?? byName else { continue }
            if profile.personal == nil, byName == "name", fit?.namesThings ?? true {
                personal.append((profile.name, "{ keep: \"a name of things, not of persons\" }"))
            } else if key.contains(profile.name) || family == "id_number" {
                personal.append((profile.name, "\"pseudonym\""))
            } else {
                personal.append((profile.name, "\"drop\""))
            }
        }
    }

    mutating func records(_ fit: EventFit) throws(AdapterError) -> String {
        let names = profiles.filter { PersonalNames.family(of: $0.name) != nil && !($0.isUnique) }.map(\.name)
        let key = featureID.map { [$0] } ?? key(without: Set(names))
        declarePersonal(fit, key: key)
        let dropped = Set(personal.filter { $0.rule == "\"drop\"" }.map(\.column))
        var lines: [String] = []
        for (name, profile) in fit.columns(profiles) where !dropped.contains(profile.name) && profile.present > 0 {
            guard let text = member(name, profile, fit.event) else { continue }
            used.insert(profile.name)
            lines.append("          \(name): \(text),")
        }
        if let point = place(isKeyed: !key.isEmpty) { lines.append("          \(point)") }
        if fit.event == "sensor.described", !lines.contains(where: { $0.contains(" observed_property:") }) {
            lines.append("          observed_property: { const: \"unknown\" },  // GUESS: what it measures")
        }
        if fit.event == "resident.registered", !lines.contains(where: { $0.contains(" building:") || $0.contains(" dwelling:") }) {
            throw AdapterError(
                .configuration, "No column says where the people of this source live, and resident.registered needs a building or a dwelling.",
                hint: "Choose another event with --event.")
        }
        let plain = Dictionary(profiles.map { (EventFit.plain($0.name), $0) }, uniquingKeysWith: { a, _ in a })
        var occurred = ""
        var closing = ""
        if fit.event == "case.received" {
            if let opened = EventFit.opened.compactMap({ plain[$0] }).first(where: { $0.timeFormat != nil }) {
                used.insert(opened.name)
                occurred = "\n        occurred_at: \(time(opened)),\(doubt(opened))"
            }
            if let closed = EventFit.closed.compactMap({ plain[$0] }).first(where: { $0.timeFormat != nil }) {
                used.insert(closed.name)
                closing = """

                          { event: "case.closed", subject: \(subject(fit, key)), when: { present: \(Self.quoted(closed.name)) }, undone: "case.reopened",
                            occurred_at: \(time(closed)), payload: {} },
                    """
            }
        }
        key.forEach { used.insert($0) }
        if key.isEmpty { used.formUnion(best.map { [$0] } ?? []) }
        let mode = key.isEmpty ? "append" : "snapshot"
        let removed = fit.removed.flatMap { key.isEmpty ? nil : "\n    removed: { event: \(Self.quoted($0)), max_ratio: 0.05 }," } ?? ""
        return """
              streams: [{
                name: "records",
                mode: "\(mode)",  // \(key.isEmpty ? "GUESS: no columns tell the records apart, so each row is told once" : "GUESS: a full list each time; append or incremental otherwise")
            \(key.isEmpty ? "" : "    key: [\(key.map(Self.quoted).joined(separator: ", "))],  // GUESS: \(keyReason)\n")\(nulls)    facts: [
                  { event: \(Self.quoted(fit.event)), subject: \(subject(fit, key)),  // GUESS: --event chooses another\(occurred)
                    payload: {
            \(lines.joined(separator: "\n"))
                    } },\(closing)
                ],\(removed)
            \(tail)  }],
            """
    }

    /// The column with the most different values: for rows that nothing tells apart.
    var best: String? {
        profiles.filter { $0.missing == 0 && !$0.isNested && Self.canStandInTemplate($0.name) && $0.longest <= 120 && $0.name != "geometry" }
            .max { $0.distinct < $1.distinct }?.name
    }

    func subject(_ fit: EventFit, _ key: [String]) -> String {
        let columns = key.isEmpty ? [best ?? "id"] : key
        return Self.quoted("\(fit.kind)/" + columns.map { "{\($0)}" }.joined(separator: "-"))
    }

    /// A point of two columns, or the geometry of GeoJSON.
    private mutating func place(isKeyed: Bool) -> String? {
        let known = Contracts.shipped[event, 1]?.propertyNames ?? []
        guard known.contains("location") else { return nil }
        if case .geojson = sample.format {
            used.insert("geometry")
            let footprint = "footprint: { from: \"geometry\", type: \"geometry\", only: [\"Polygon\", \"MultiPolygon\"], collect: true },\n          "
            return (known.contains("footprint") && isKeyed ? footprint : "") + "location: { from: \"geometry\", type: \"geometry\", only: [\"Point\"] },"
        }
        func column(_ words: [String]) -> ColumnProfile? { profiles.first { words.contains(EventFit.plain($0.name)) && $0.isNumber } }
        guard let longitude = column(EventFit.longitude), let latitude = column(EventFit.latitude) else { return nil }
        used.formUnion([longitude.name, latitude.name])
        return "location: { point: [\(Self.quoted(longitude.name)), \(Self.quoted(latitude.name))] },  // GUESS: WGS 84; crs: \"GCJ-02\" or \"BD-09\" otherwise"
    }

    var nulls: String {
        let words = Set(profiles.flatMap(\.nullWords)).sorted()
        return words.isEmpty ? "" : "    null: [\(words.map(Self.quoted).joined(separator: ", "))],  // GUESS: words that stand for nothing\n"
    }

    /// Personal columns, and everything that is not used.
    var tail: String {
        var text = ""
        if !personal.isEmpty {
            text += "    // GUESS: by names and checksums; pseudonym, encode, seal, mask, drop or { keep: \"the purpose\" }.\n"
            text += "    personal: { \(personal.map { "\(Self.quoted($0.column)): \($0.rule)" }.joined(separator: ", ")) },\n"
        }
        let optional = profiles.filter { used.contains($0.name) && $0.present == 0 && !$0.isNested }.map(\.name)
        if !optional.isEmpty { text += "    optional: [\(optional.map(Self.quoted).joined(separator: ", "))],\n" }
        let declared = Set(personal.map(\.column))
        let rest = profiles.filter { !used.contains($0.name) && !declared.contains($0.name) }.map(\.name)
        if !rest.isEmpty { text += "    // Not used yet: take out what the payload shall tell.\n    ignore: [\(rest.map(Self.quoted).joined(separator: ", "))],\n" }
        return text
    }
}
