import PostgresClient

/// Why two reports stand in one incident of a twin, or do not: where links are lost, and where false ones come from.
package enum IncidentDiagnosis {
    /// - Parameter asked: pairs of cases.
    /// - Returns: for each pair the cause in a few words, and how the two agree in place, trouble, words and time (0 missing, 1 equal, higher the less).
    package static func causes(of asked: [(String, String)], on connection: Connection) throws -> [(cause: String, levels: [Int])] {
        let pairs = try IncidentLinks.allReports(on: connection)
        let compared = pairs.candidates()
        return asked.map { pairs.cause($0.0, $0.1, compared) }
    }
}

extension IncidentPairs {
    fileprivate func candidates() -> Set<ClaimPair> {
        var found: Set<ClaimPair> = []
        forEachCandidate { found.insert(ClaimPair(ClaimID(reports[$0].id), ClaimID(reports[$1].id))) }
        return found
    }

    fileprivate func cause(_ a: String, _ b: String, _ compared: Set<ClaimPair>) -> (cause: String, levels: [Int]) {
        guard let judgement = judgement(a, b) else { return ("one is not in the twin", []) }
        let levels = judgement.evidence.map(\.level)
        if let veto = judgement.veto { return ("veto: \(veto)", levels) }
        guard compared.contains(ClaimPair(ClaimID(a), ClaimID(b))) else { return ("in no common block", levels) }
        switch judgement.band {
        case .link: return ("linked", levels)
        case .review: return ("to review", levels)
        case .apart: return ("below both bands", levels)
        }
    }
}
