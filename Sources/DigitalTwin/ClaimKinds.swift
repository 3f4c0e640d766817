import Projections

extension ClaimKind {
    /// Every kind of claim, in the order in which they are written.
    static let all: [ClaimKind] = places + network + people + [sensor, caseKind, conflict, incident, identity, resolver, addressAlias, alert, alertEnd, silence]

    private static let places: [ClaimKind] = [
        ClaimKind(
            "building", ended: ["building.demolished"],
            columns: [
                .reference("building", as: "building_ref"), .text("name"), .text("name_en"), .text("address"),
                .reference("compound", as: "compound_ref"), .text("usage"), .number("height_m"), .integer("floors"), .integer("households"),
                .integer("built_year"), .location, .footprint,
            ]),
        ClaimKind(
            "building_part",
            columns: [
                .reference("building", as: "building_ref"), .text("name"), .number("height_m"), .number("min_height_m"), .integer("floors"),
                .location, .footprint,
            ]),
        ClaimKind("entrance", columns: [.reference("building", as: "building_ref"), .text("name"), .text("address"), .location]),
        ClaimKind("address", columns: [.reference("building", as: "building_ref"), .text("name"), .text("address"), .location]),
        ClaimKind("compound", columns: [.text("name"), .text("address"), .text("manager"), .json("aliases"), .integer("households"), .location]),
        ClaimKind("grid_cell", columns: [.text("name"), .integer("households"), .text("division"), .footprint]),
        ClaimKind(
            "dwelling",
            columns: [
                .reference("building", as: "building_ref"), .text("entrance"), .text("room"), .number("area_m2"), .text("tenure"),
                .integer("occupants"),
            ]),
        ClaimKind(
            "organisation",
            columns: [.reference("building", as: "building_ref"), .text("name"), .text("credit_code"), .text("role"), .text("address"), .location]),
        ClaimKind(
            "camera",
            columns: [.reference("building", as: "building_ref"), .text("name"), .text("number"), .text("owner"), .text("usage"), .text("address"), .location]),
    ]

    private static let people: [ClaimKind] = [
        ClaimKind(
            "resident", described: ["resident.registered"], ended: ["resident.deregistered"], isPersonal: true,
            columns: [
                .reference("building", as: "building_ref"), .reference("dwelling", as: "dwelling_ref"), .text("kind"), .integer("birth_year"),
                .text("sex"), .sealed("name"), .sealed("phone"), .sealed("address"), .text("since", as: "moved_in"),
            ]),
        ClaimKind(
            "occupancy", described: ["occupancy.declared"], ended: ["occupancy.ended"],
            columns: [
                .reference("building", as: "building_ref"), .reference("dwelling", as: "dwelling_ref"), .integer("occupants"), .text("tenure"),
            ]),
        // A person has each benefit once, and care once; an ending that names no benefit ends them all.
        ClaimKind(
            "benefit", described: ["benefit.granted", "care.enrolled"], ended: ["benefit.stopped", "care.ended", "care.removed"], isPersonal: true,
            keySuffix: { type, payload in
                guard type.hasPrefix("benefit.") else { return ":care" }
                return ":benefit:" + (payload["benefit"]?.text.map { String(decoding: $0, as: UTF8.self) } ?? "*")
            },
            columns: [.reference("building", as: "building_ref"), .benefit, .sealed("name"), .integer("birth_year"), .text("sex")]),
    ]

    private static let sensor = ClaimKind(
        "sensor", ended: ["sensor.retired"],
        columns: [
            .text("name"), .text("observed_property"), .text("unit"), .text("feature_of_interest"), .text("platform"), .sensorBuilding,
            .location,
        ])

    /// A steward's decision whose word stands for one attribute of one thing; that of any other source counts for nothing.
    private static let conflict = ClaimKind(
        "conflict", described: ["conflict.resolved"], ended: ["conflict.reopened"],
        columns: [.text("entity_kind"), .text("entity"), .text("attribute"), .text("chosen"), .text("reason"), .text("decided_by")])

    private static let alert = ClaimKind(
        "alert", described: ["alert.raised"],
        columns: [
            .text("rule"), .text("level"), .text("to", as: "notify"), .reference("sensor", as: "sensor_ref"), .reference("building", as: "building_ref"),
            .number("value"), .reference("case", as: "case_ref"), .text("note"), .location,
        ])
    /// An alert that is over stays to be seen: its end is a claim of its own.
    private static let alertEnd = ClaimKind("alert_end", described: ["alert.cleared"], columns: [.text("reason")])
    private static let silence = ClaimKind(
        "silence", described: ["sensor.silenced"], ended: ["sensor.resumed"],
        columns: [.reference("sensor", as: "sensor_ref"), .text("rule"), .moment("last_at"), .number("usual_seconds", as: "usual_s")])

    /// A steward's decision that two claims are one thing, or are not; that of any other source counts for nothing.
    private static let identity = ClaimKind(
        "identity", described: ["identity.merged", "identity.split"], ended: ["identity.reopened"],
        columns: [.text("entity_kind"), .text("claim"), .text("other"), .text("verdict"), .text("reason"), .text("decided_by")])

    /// What the resolver of a kind has learned; that of any other source counts for nothing.
    private static let resolver = ClaimKind(
        "resolver", described: ["resolver.calibrated"], ended: ["resolver.withdrawn"],
        columns: [.text("entity_kind"), .text("rules"), .json("parameters"), .text("reason"), .text("decided_by")])

    /// That in addresses one name stands for another, by a steward or a department.
    private static let addressAlias = ClaimKind(
        "alias", described: ["address.aliased"], ended: ["address.unaliased"],
        columns: [.text("name"), .text("stands_for"), .moment("valid_from"), .moment("valid_to"), .text("reason"), .text("decided_by")])

    /// A steward's decision whether two cases are reports of one incident; that of any other source counts for nothing.
    private static let incident = ClaimKind(
        "incident", described: ["incident.decided"], ended: ["incident.undecided"],
        columns: [.text("first_case"), .text("second_case"), .text("verdict"), .text("reason"), .text("decided_by")])

    /// `case` is a word of Swift's. Every other fact about a case is a step of it.
    static let caseKind = ClaimKind(
        "case", described: ["case.received"], ended: ["case.withdrawn"],
        columns: [
            .text("channel"), .text("category"), .text("subcategory"), .text("description"), .text("district"), .text("address"),
            .text("handler"), .text("department"), .text("street"), .text("community"), .text("urgency"),
            .reference("building", as: "building_ref"), .location,
        ])
}

extension Column {
    /// The benefit's name; of care its kind, or `care`.
    fileprivate static let benefit = Column(name: "benefit") { payload, row in
        row.optional(payload["benefit"]?.text ?? payload["kind"]?.text ?? Array("care".utf8))
    }

    /// The building that a sensor names, or whose feature it observes (`building/<key>`).
    fileprivate static let sensorBuilding = Column(name: "building_ref") { payload, row in
        if payload["building"]?.withText({ payload.write(reference: $0, into: &row) }) != nil { return }
        let isWritten = payload["feature_of_interest"]?.withText { feature in
            guard feature.count > 9, feature.starts(with: "building/".utf8) else { return false }
            payload.write(reference: UnsafeRawBufferPointer(rebasing: feature[9...]), into: &row)
            return true
        }
        if isWritten != true { row.null() }
    }
}
