/// The police's incidents 警情: GB18030 CSV, partly the same incidents that the hotline heard of.
struct PoliceIncidents {
    let world: World
    static let columns = ["立案号", "报案时间", "结案时间", "案件类别", "地址", "经度", "纬度", "报案人", "电话"]
    static let path = "police-incidents/incidents.csv"
    private static let styles: [(AddressStyle, Int)] = [(.official, 45), (.short, 30), (.fullWidth, 15), (.brackets, 10)]
    private static let ownCategories = ["盗窃", "电信诈骗", "纠纷", "噪声扰民", "走失", "交通事故", "求助"]

    var count: Int { max(30, world.layout.households / 5) }

    func write(folder: String) throws(SimulationError) {
        let file = try OutputFile(folder + "/" + Self.path, encoding: .gb18030)
        try file.write(csvLine(Self.columns))
        let hotline = Hotline(world: world)
        var late = LateRows(distance: 20)
        for index in 0..<count { try write(index, hotline, to: file, &late) }
        try late.finish(file)
        try file.finish()
    }

    /// What is reported to the police, as it would be if everybody wrote down everything.
    private struct Incident {
        var reported: Int
        var closing: Int
        var category: String
        var household: Int
        /// Whether the hotline heard of it too.
        var isShared: Bool
        /// What else about it is drawn.
        var draw: Draw
    }

    private func incident(_ index: Int, _ hotline: Hotline) -> Incident {
        var draw = Draw(world.seed, .incident, index)
        // The hotline case at the same share of the half year: if the police take such things, often the same incident.
        let other = hotline.drawn(index * hotline.count / count)
        let shared = other.category.policeCategory != nil && draw.chance(750)
        let spacing = max(1, Hotline.span / count)
        let own = Hotline.end - Hotline.span + index * spacing + draw.below(spacing)
        let reported = shared ? other.received + draw.between(-1_800...3_600) : own
        let category = shared ? other.category.policeCategory ?? "纠纷" : draw.pick(Self.ownCategories)
        let household = shared ? other.household : draw.below(world.layout.households)
        let closing = reported + draw.between(3_000...2_500_000)
        return Incident(reported: reported, closing: closing, category: category, household: household, isShared: shared, draw: draw)
    }

    /// The first report of a trouble of a whole building; nil where it is none, or of what the hotline heard of.
    func firstReport(_ index: Int, _ hotline: Hotline) -> TroublesUnderWay.FirstReport? {
        let incident = incident(index, hotline)
        guard !incident.isShared, let trouble = HotlineCategory.all.first(where: { $0.policeCategory == incident.category })?.subcategory,
            let variants = IncidentVariants.of(trouble), variants.reach != .home
        else { return nil }
        return .init(reported: incident.reported, household: incident.household, trouble: trouble, until: incident.closing)
    }

    private func write(_ index: Int, _ hotline: Hotline, to file: OutputFile, _ late: inout LateRows) throws(SimulationError) {
        var incident = incident(index, hotline)
        let reported = incident.reported, key = Self.key(index)
        let moved = incident.isShared ? world.underWay[.hotline(index * hotline.count / count)] : world.underWay[.police(index)]
        guard let household = world.maker.household(moved ?? incident.household) else { return }
        var row = world.rowNoise(.policeIncidents, index)
        var closed = incident.draw.chance(900) && incident.closing < Hotline.end ? CivilDate.clock(incident.closing) : ""
        if row.strikes(.disorderedTimes, permille: 20), !closed.isEmpty { closed = CivilDate.clock(reported - 7_200) }
        let spelling = world.spelling(world.layout.address(of: household.home), Self.styles, &row)
        let building = world.layout.buildings[household.home.building]
        let placed = !row.strikes(.blankCell, permille: 120)
        let reporter = household.residents.first { $0.phone != nil }
        let cells = [
            key, CivilDate.clock(reported), closed, incident.category, spelling, placed ? building.place.longitudeText : "",
            placed ? building.place.latitudeText : "", reporter?.name.text ?? "", reporter?.phone ?? "",
        ]
        let isLate = row.strikes(.lateRow, permille: 40)
        try late.add(csvLine(cells), late: isLate, to: file)
        try world.truth.row(Self.path, key: key, thing: household.home.code, spelling: spelling, noise: row)
    }

    private static func key(_ index: Int) -> String { "A3199" + "2026" + CivilDate.padded(index + 1, 7) }

    /// The number of the police's incident that is the same as a hotline case; nil where they heard of none.
    func key(sharedWith hotlineIndex: Int, _ hotline: Hotline) -> String? {
        let index = (hotlineIndex * count + hotline.count - 1) / hotline.count
        guard index < count, index * hotline.count / count == hotlineIndex, hotline.drawn(hotlineIndex).category.policeCategory != nil else { return nil }
        var draw = Draw(world.seed, .incident, index)
        return draw.chance(750) ? Self.key(index) : nil
    }
}
