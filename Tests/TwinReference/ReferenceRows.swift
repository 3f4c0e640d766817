import Foundation

/// The rows of every view, as text: `view|column|column…`, null as `∅`.
extension ReferenceFold {
    func rows() -> [String] {
        let links = ReferenceLinks(self)
        return buildingRows(links) + identityRows(links) + placeRows(links) + peopleRows(links) + networkRows(links) + sensorRows(links) + observationRows()
            + caseRows(links) + incidentRows(links) + alertRows(links) + silenceRows(links) + freshnessRows()
    }

    func row(_ view: String, _ cells: [String?]) -> String {
        ([view] + cells.map { $0 ?? "∅" }).joined(separator: "|")
    }

    func text(_ value: Plain?) -> String? {
        switch value {
        case .text(let text): text.isEmpty ? nil : text
        case .number(let number): plainNumber(number)
        default: nil
        }
    }

    func number(_ value: Plain?, times factor: Double = 1) -> String? { value?.number.map { plainNumber($0 * factor) } }

    // MARK: Buildings

    private func buildingRows(_ links: ReferenceLinks) -> [String] {
        let claims = present("building", ended: ["building.demolished"])
        let compounds = Set(present("compound").map(\.id))
        let decisions = decisions(links)
        var rows: [String] = []
        for claim in claims {
            guard let link = links.buildings[claim.id] else { continue }
            rows.append(row("building_claim", [
                link.building, claim.id, name(claim.source), text(claim.payload["name"]), text(claim.payload["address"]),
                number(claim.payload["height_m"]), number(claim.payload["floors"]), reference(claim.payload["compound"], of: claim.source),
                link.method, claim.effective.map(String.init), "\(claim.position)",
            ]))
            guard link.method == "self" else { continue }
            let all = claims.filter { links.buildings[$0.id]?.building == claim.id }
            func best(_ attribute: String) -> String? {
                buildingAttributes.first { $0.name == attribute }
                    .flatMap { survivor(attribute, of: claim.id, all, decisions["\(claim.id) \(attribute)"], $0.read)?.value }
            }
            let compound = best("compound")
            rows += provenanceRows(claim.id, all, decisions)
            if all.count > 1 { rows += conflictRows(claim.id, all, decisions) }
            let boxes = links.footprints[claim.id]
            rows.append(row("building", [
                claim.id, best("name"), best("address"), best("height_m"), best("floors"), compound.flatMap { compounds.contains($0) ? $0 : nil },
                "\(all.count)",
                boxes.map { "\($0.count)" }, boxes.map { outline(Box($0.flatMap { [$0.low, $0.high] })) }, claim.effective.map(String.init),
                "\(claim.position)",
            ]))
        }
        return rows
    }

    /// West, south, east, north in hundred-millionths of a degree.
    private func outline(_ box: Box) -> String {
        [box.low.x, box.low.y, box.high.x, box.high.y].map { "\(Int64(($0 * 1e8).rounded()))" }.joined(separator: " ")
    }

    // MARK: Places

    private func placeRows(_ links: ReferenceLinks) -> [String] {
        var rows: [String] = []
        for claim in present("building_part") {
            let link = links.building(of: claim, naming: claim.payload["building"], at: ReferenceLinks.placeOrMiddle(claim.payload))
            rows.append(row("building_part", [claim.id, number(claim.payload["height_m"]), link?.building, link?.method, "\(claim.position)"]))
        }
        for kind in ["entrance", "address"] {
            for claim in present(kind) {
                let link = links.building(of: claim, naming: claim.payload["building"], at: ReferenceLinks.place(claim.payload["location"]))
                rows.append(row(kind, [claim.id, text(claim.payload["address"]), link?.building, link?.method, "\(claim.position)"]))
            }
        }
        for claim in present("compound") {
            rows.append(row("compound", [claim.id, text(claim.payload["name"]), text(claim.payload["manager"]), "\(claim.position)"]))
        }
        for claim in present("grid_cell") {
            let households = claim.payload["households"].flatMap { number($0) }
            rows.append(row("grid_cell", [claim.id, text(claim.payload["name"]), households, "\(claim.position)"]))
        }
        for claim in present(["address.aliased"], ended: ["address.unaliased", "alias.removed"]) {
            func moment(_ name: String) -> String? {
                text(claim.payload[name]).flatMap { try? Date($0, strategy: .iso8601) }.map { "\(Int64($0.timeIntervalSince1970) * 1_000_000)" }
            }
            rows.append(row("alias", [
                claim.id, text(claim.payload["name"]), text(claim.payload["stands_for"]), moment("valid_from"), moment("valid_to"), "\(claim.position)",
            ]))
        }
        for claim in present("camera") {
            rows.append(row("camera", [claim.id, text(claim.payload["name"]), named(claim, links), "\(claim.position)"]))
        }
        for claim in present("organisation") {
            rows.append(row("organisation", [claim.id, text(claim.payload["name"]), named(claim, links), "\(claim.position)"]))
        }
        for claim in present("dwelling") {
            rows.append(row("dwelling", [
                claim.id, named(claim, links), text(claim.payload["room"]), number(claim.payload["area_m2"]), "\(claim.position)",
            ]))
        }
        return rows
    }

    /// The building of a thing that has no place, only a name for it.
    func named(_ claim: ReferenceClaim, _ links: ReferenceLinks) -> String? {
        reference(claim.payload["building"], of: claim.source).flatMap { links.buildings[$0]?.building }
    }

    // MARK: People

    private func peopleRows(_ links: ReferenceLinks) -> [String] {
        struct Group: Hashable { var building: String?, source: String, basis: String }
        var counts: [Group: (people: Int, latest: Int64)] = [:]
        func count(_ claim: ReferenceClaim, _ basis: String, _ people: Int) {
            let group = Group(building: named(claim, links), source: name(claim.source), basis: basis)
            let before = counts[group] ?? (0, .min)
            counts[group] = (before.people + people, max(before.latest, claim.effective ?? .min))
        }
        var rows: [String] = []
        for claim in present(["resident.registered"], ended: ["resident.deregistered"]) {
            count(claim, "registered", 1)
            rows.append(row("resident", [
                claim.id, name(claim.source), named(claim, links), openable(claim.payload["name"]), openable(claim.payload["phone"]), "\(claim.position)",
            ]))
        }
        for claim in present(["occupancy.declared"], ended: ["occupancy.ended"]) {
            if let people = claim.payload["occupants"]?.number { count(claim, "declared", Int(people)) }
        }
        return rows + counts.flatMap { group, value in
            [
                row("resident_count", [group.building, group.source, group.basis, "\(value.people)", "\(value.latest)"]),
                row("resident_count_published", [
                    group.building, group.source, group.basis, value.people >= 5 ? "\(value.people)" : nil, value.people < 5 ? "t" : "f",
                ]),
            ]
        } + benefitRows(links)
    }

    private func benefitKey(_ fact: PlainFact) -> String {
        id(fact) + (fact.type.hasPrefix("care") ? ":care" : ":benefit:" + (text(fact.payload["benefit"]) ?? "*"))
    }

    /// What people have been granted, and nobody has ended by its name.
    func benefits() -> [ReferenceClaim] {
        claims(["benefit.granted", "care.enrolled"], ended: ["benefit.stopped", "care.ended"], key: benefitKey).values.filter { !$0.removed }
    }

    private func benefitRows(_ links: ReferenceLinks) -> [String] {
        let stops = claims([], ended: ["benefit.stopped"], key: benefitKey)
        var counts: [[String?]: Int] = [:]
        for claim in benefits() {
            guard let benefit = text(claim.payload["benefit"]) ?? text(claim.payload["kind"]) ?? (claim.position > 0 ? "care" : nil) else { continue }
            // An end that names no benefit ends them all: by date where both have one, else by the order of telling.
            if let person = claim.id.components(before: ":benefit:"), let all = stops[person + ":benefit:*"] {
                if let stopped = all.occurred, let granted = claim.occurred, stopped != granted {
                    if stopped > granted { continue }
                } else if all.position > claim.position {
                    continue
                }
            }
            counts[[named(claim, links), name(claim.source), benefit], default: 0] += 1
        }
        return counts.map { row("benefit_count", $0.key + [$0.value >= 5 ? "\($0.value)" : nil, $0.value < 5 ? "t" : "f"]) }
    }
}

extension String {
    /// What stands before a separator; nil where it does not occur.
    fileprivate func components(before separator: String) -> String? {
        guard let range = firstRange(of: separator) else { return nil }
        return String(self[..<range.lowerBound])
    }
}
