import RecordFormats

/// Sources that are not lists of things: readings and networks.
extension ManifestDraft {
    /// A wide table of readings: a column a sensor, a day of one a fact.
    mutating func series() throws(AdapterError) -> String {
        guard let time = Self.time(of: profiles) else {
            throw AdapterError(.configuration, "No column has the time of the readings.", hint: "Choose another event with --event.")
        }
        let numbers = profiles.filter { $0.isNumber && $0.name != time.name && PersonalNames.family(of: $0.name) == nil && !$0.isUniqueCounter }
        guard !numbers.isEmpty else { throw AdapterError(.configuration, "No column has readings: none holds numbers alone.", hint: "Choose another event with --event.") }
        declarePersonal(nil, key: [])
        used = Set(numbers.map(\.name) + [time.name])
        return """
              streams: [{
                name: "readings", mode: "snapshot",
                // Each of these columns is a sensor (GUESS); its readings of a day are one fact.
                unpivot: { columns: [\(numbers.map { Self.quoted($0.name) }.joined(separator: ", "))] },
                group: { by: ["$column"], window: "1d", time: \(self.time(time)) },\(doubt(time))
            \(nulls)    facts: [
                  { event: "observations.recorded", subject: \(Self.quoted("sensor/\(wishes.name)-{$column}")), occurred_at: \(self.time(time)),
                    payload: {
                      property: "$column",  // GUESS: what is observed; add unit: { const: "l/s" }
                      times: { from: \(Self.quoted(time.name)), type: "datetime"\(timeKeys(time)), collect: true },
                      values: { from: "$value", type: "decimal"\(numbers.contains { $0.thousands } ? ", thousands: \",\"" : ""), collect: true },
                    } },
                ],
            \(tail)  }],
            """
    }

    mutating func readings(_ long: Long) -> String {
        declarePersonal(nil, key: [])
        let by = [long.sensor] + (long.property.map { [$0] } ?? [])
        used = Set(by + [long.value.name, long.time.name])
        return """
              streams: [{
                // A sensor's day is one fact (GUESS).
                name: "readings", mode: "snapshot",
                group: { by: [\(by.map(Self.quoted).joined(separator: ", "))], window: "1d", time: \(moment(long.time)) },\(doubt(long.time))
            \(nulls)    facts: [
                  { event: "observations.recorded", subject: \(Self.quoted("sensor/{\(long.sensor)}")), occurred_at: \(moment(long.time)),
                    payload: {\(long.property.map { "\n          property: \(Self.quoted($0))," } ?? "")
                      times: { from: \(Self.quoted(long.time.name)), type: "datetime"\(timeKeys(long.time)), collect: true },
                      values: { from: \(Self.quoted(long.value.name)), type: "decimal", collect: true },
                    } },
                ],
            \(tail)  }],
            """
    }

    /// A time that may be a date alone: midnight.
    func moment(_ profile: ColumnProfile) -> String { "{ from: \(Self.quoted(profile.name)), type: \"datetime\"\(timeKeys(profile)) }" }

    static let parts: [(section: String, members: [String])] = [
        ("junction", ["x", "y", "elevation", "demand", "pattern"]), ("reservoir", ["x", "y", "head", "pattern"]),
        ("tank", ["x", "y", "elevation", "init_level", "min_level", "max_level", "diameter", "min_volume", "volume_curve"]),
        ("pipe", ["node1", "node2", "path", "status", "length", "diameter", "roughness", "minor_loss", "headloss"]),
        ("pump", ["node1", "node2", "path", "status", "parameters"]), ("valve", ["node1", "node2", "path", "status", "diameter", "type", "setting", "minor_loss"]),
    ]

    /// A network: one fact a component.
    mutating func network() -> String {
        used = ["section", "id", "flow_units", "comment"]
        let names = Set(profiles.map(\.name))
        let renamed = ["node1": "starts_at", "node2": "ends_at"]
        let sections = Set(sample.records.compactMap { $0["section"]?.string })
        var facts: [String] = []
        for part in Self.parts where sections.contains(part.section) {
            let members = (["flow_units", "comment"] + part.members).filter { names.contains($0) }
            used.formUnion(members)
            let payload = members.map { "\(renamed[$0] ?? $0): \(Self.quoted($0))" }.joined(separator: ", ")
            facts.append(
                """
                      { event: "\(part.section).described", subject: "\(part.section)/{id}", when: { equals: { section: "\(part.section)" } }, removed: "\(part.section).removed",
                        payload: { network: { const: \(Self.quoted(wishes.name)) }, \(payload) } },
                """)
        }
        let rest = names.subtracting(used).sorted()
        return """
              streams: [{
                // Nodes and links are numbered apart. Coordinates are the file's own: see "placement" in Adapters/water-network.
                name: "components", mode: "snapshot", key: ["section", "id"],
                facts: [
            \(facts.joined(separator: "\n"))
                ],
                removed: { event: "pipe.removed", max_ratio: 0.05 },
                ignore: [\(rest.map(Self.quoted).joined(separator: ", "))],
              }],
            """
    }

    func timeKeys(_ profile: ColumnProfile) -> String {
        (profile.timeFormat.flatMap { $0 == "iso8601" ? nil : ", format: \(Self.quoted($0))" } ?? "") + (profile.hasZone ? "" : ", zone: \(Self.quoted(zone))")
    }
}

extension ColumnProfile {
    /// Row numbers are no readings.
    var isUniqueCounter: Bool { isUnique && isInteger && ["no", "id", "index", "row", "序号", "编号"].contains(EventFit.plain(name)) }
}
