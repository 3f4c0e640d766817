extension ReferenceFold {
    /// What the numbers of a network become in SI: length, pipe diameter, volume, flow.
    private struct Units { var m: Double, mm: Double, m3: Double, lps: Double, head: Double, kW: Double }

    private func units(_ payload: [String: Plain]) -> Units {
        switch payload["flow_units"]?.text {
        case "GPM": Units(m: 0.3048, mm: 25.4, m3: 0.028316846592, lps: 3.785411784 / 60, head: 0.3048 / 0.4333, kW: 0.745699871582)
        case "CMH": Units(m: 1, mm: 1, m3: 1, lps: 1000.0 / 3600, head: 1, kW: 1)
        default: Units(m: 1, mm: 1, m3: 1, lps: 1, head: 1, kW: 1)
        }
    }

    /// Where a place of the network is on the map.
    private func placed(_ place: Place, _ placement: Plain?) -> Place? {
        guard let placement, let origin = placement["origin"]?.position, let anchor = placement["anchor"]?.position else { return nil }
        let scale = placement["scale"]?.number ?? 1, turn = placement["rotation_deg"]?.number ?? 0
        let dx = (place.x - anchor.x) * scale, dy = (place.y - anchor.y) * scale
        let metres = Double.pi * 6_371_008.8 / 180
        return Place(
            x: origin.x + (dx * cosine(turn) - dy * sine(turn)) / (metres * cosine(origin.y)),
            y: origin.y + (dx * sine(turn) + dy * cosine(turn)) / metres)
    }

    private func degrees(_ place: Place?) -> String? {
        place.map { "\(Int64(($0.x * 1e7).rounded())) \(Int64(($0.y * 1e7).rounded()))" }
    }

    private func note(_ payload: [String: Plain]) -> String? {
        payload["placement"].map { text($0["note"]) ?? "placed by the manifest" }
    }

    func networkRows(_ links: ReferenceLinks) -> [String] {
        var rows: [String] = []
        for kind in ["junction", "tank", "reservoir"] {
            for claim in present(kind, ended: ["\(kind).retired"]) { rows += nodeRows(kind, claim) }
        }
        for kind in ["pipe", "valve", "pump"] {
            for claim in present(kind, ended: ["\(kind).retired"]) { rows += linkRows(kind, claim, links) }
        }
        return rows
    }

    private func nodeRows(_ kind: String, _ claim: ReferenceClaim) -> [String] {
        let payload = claim.payload, units = units(payload)
        let height = number(payload[kind == "reservoir" ? "head" : "elevation"], times: units.m)
        let own: [String?]
        switch kind {
        case "junction": own = [number(payload["demand"], times: units.lps)]
        case "tank": own = [number(payload["diameter"], times: units.m), number(payload["min_volume"], times: units.m3)]
        default: own = []
        }
        var local: Place?
        if let x = payload["x"]?.number, let y = payload["y"]?.number { local = Place(x: x, y: y) }
        let place = local.flatMap { placed($0, payload["placement"]) }
        return [
            row(kind, [claim.id, text(payload["network"]), height] + own + [
                local.map { "\(plainNumber($0.x)) \(plainNumber($0.y))" }, degrees(place), note(payload), "\(claim.position)",
            ]),
            row("network_node", [claim.id, kind, text(payload["network"]), height]),
        ]
    }

    private func linkRows(_ kind: String, _ claim: ReferenceClaim, _ links: ReferenceLinks) -> [String] {
        let payload = claim.payload, units = units(payload)
        let ends = [reference(payload["starts_at"], of: claim.source), reference(payload["ends_at"], of: claim.source)]
        let diameter = number(payload["diameter"], times: units.mm)
        let own: [String?]
        switch kind {
        case "pipe": own = [payload["length"]?.number.map { "\(Int64(($0 * units.m * 1e6).rounded()))" }, diameter, number(payload["roughness"])]
        case "valve":
            let factor = payload["type"]?.text == "PRV" ? units.head : units.lps
            own = [text(payload["type"]), diameter, number(payload["setting"], times: factor), payload["type"]?.text == "PRV" ? "m" : "l/s"]
        default: own = [text(payload["parameters"]), power(payload, units)]
        }
        let local = (payload["path"]?.array ?? []).compactMap(\.position)
        let path = local.compactMap { placed($0, payload["placement"]) }
        var rows = [
            row(kind, [claim.id, text(payload["network"])] + ends + own + [
                "\(local.count)", degrees(path.first), degrees(path.last), note(payload), "\(claim.position)",
            ]),
            row("network_link", [claim.id, kind, ends[0], ends[1], kind == "pipe" ? own[0] : nil, kind == "pump" ? nil : diameter]),
        ]
        if kind == "pipe" {
            rows += links.buildings(along: path).map { row("building_pipe", [$0.building, claim.id, $0.method]) }
        }
        return rows
    }

    private func power(_ payload: [String: Plain], _ units: Units) -> String? {
        let words = payload["parameters"]?.text?.split(separator: " ") ?? []
        guard words.count == 2, words[0] == "POWER" else { return nil }
        return Double(words[1]).map { plainNumber($0 * units.kW) }
    }
}
