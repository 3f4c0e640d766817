/// Which first reports come from another household than drawn: a lift or a pipe cannot break again while it is still broken.
///
/// A trouble of a whole building lasts from its first report until that case is closed (and the last of its witnesses has told it). Whoever would be
/// the first to report the very same trouble there in that time is another household, elsewhere. Troubles of one home may be in two homes of a building
/// at a time. What is known of it is who was moved: about 16 bytes for every tenth case.
struct TroublesUnderWay {
    /// A first report, by its number within its channel.
    enum Start: Hashable { case hotline(Int), police(Int), desk(Int), grid(Int) }

    /// A first report of a trouble of a whole building, as drawn.
    struct FirstReport {
        var reported: Int
        var household: Int
        /// `IncidentVariants.subcategory`
        var trouble: String
        /// When the trouble is over.
        var until: Int
        /// The hotline case whose trouble it tells again on another day.
        var again: Int?
    }

    /// One trouble in one building.
    private struct Site: Hashable {
        var building: Int
        var trouble: String
    }

    private var moved: [Start: Int] = [:]
    /// Where a house is full of troubles the next household has them as well: then what is drawn last stands.
    private static let attempts = 20

    /// The household that a first report comes from; nil where it is the drawn one.
    subscript(start: Start) -> Int? { moved[start] }

    /// All first reports in the order of time: whether one moves depends on those before it alone.
    init(_ world: World) {
        let hotline = Hotline(world: world), police = PoliceIncidents(world: world), others = IncidentReports(world: world)
        func firstReport(_ start: Start) -> FirstReport? {
            switch start {
            case .hotline(let index): others.firstReport(hotline.drawn(index), of: hotline)
            case .police(let index): police.firstReport(index, hotline)
            case .desk(let index): others.firstReport(index, isGrid: false, hotline)
            case .grid(let index): others.firstReport(index, isGrid: true, hotline)
            }
        }
        let starts = (0..<hotline.count).map(Start.hotline) + (0..<police.count).map(Start.police) + (0..<others.independent).flatMap { [.desk($0), .grid($0)] }
        let order = starts.indices.compactMap { at in firstReport(starts[at]).map { (time: $0.reported, at: at) } }.sorted { $0 < $1 }
        /// By building and trouble, the hotline case that is under way there (nil: another channel's) and when it is over.
        var underWay: [Site: (until: Int, by: Int?)] = [:]
        for (_, at) in order {
            guard let report = firstReport(starts[at]) else { continue }
            // What is told again stands where it was told first.
            let drawn = report.again.flatMap { moved[.hotline($0)] } ?? report.household
            var household = drawn
            for attempt in 0..<Self.attempts {
                guard let home = world.layout.home(ofHousehold: household) else { break }
                let site = Site(building: home.building, trouble: report.trouble)
                let now = underWay[site]
                let isFree = now.map { $0.until <= report.reported || report.again != nil && $0.by == report.again } ?? true
                if isFree {
                    if case .hotline(let index) = starts[at] { underWay[site] = (report.until, index) } else { underWay[site] = (max(report.until, now?.until ?? 0), nil) }
                    break
                }
                var draw = Draw(world.seed, .underWay, at, attempt)
                household = draw.below(world.layout.households)
            }
            if household != report.household { moved[starts[at]] = household }
        }
    }
}
