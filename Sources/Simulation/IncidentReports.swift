/// Reports of others than the hotline's first caller: further callers, the property companies' desk (报修), grid workers (网格).
///
/// Some are of what the hotline heard of already: they make one incident with it. Most are of something else, some of the very same trouble in the
/// same building on another day. `truth/incidents.ndjson` says which are the same.
struct IncidentReports {
    let world: World
    static let deskPath = "property-desk/reports.json"
    static let gridPath = "grid-workers/reports.csv"
    static let gridColumns = ["案卷编号", "上报时间", "大类", "小类", "问题描述", "位置描述", "经度", "纬度", "处置时间", "结案时间"]
    private static let deskStyles: [(AddressStyle, Int)] = [(.buildingUnitRoom, 50), (.hyphens, 30), (.buildingTower, 20)]
    private static let gridStyles: [(AddressStyle, Int)] = [(.short, 40), (.noisyLong, 30), (.official, 20), (.brackets, 10)]

    /// A report of somebody else.
    struct Report {
        enum Channel { case hotline(HotlineCategory), desk(type: String, text: String), grid(major: String, minor: String, text: String) }
        var channel: Channel
        /// Number within its channel's file.
        var number: Int
        var reported: Int
        var household: Int

        var key: String {
            switch channel {
            case .hotline: "SH12345-2026" + CivilDate.padded(number + 1, 7)
            case .desk: "BX2026" + CivilDate.padded(number + 1, 7)
            case .grid: "WG3101152026" + CivilDate.padded(number + 1, 7)
            }
        }
        var file: String {
            switch channel {
            case .hotline: Hotline.path
            case .desk: deskPath
            case .grid: gridPath
            }
        }
    }

    /// At most so many of one channel on one case: their numbers must not meet.
    private static let mostOfOne = 4

    /// What others report of a hotline case, in no order.
    func others(on first: HotlineCase, of hotline: Hotline) -> [Report] {
        guard let variants = IncidentVariants.of(first.category.subcategory) else { return [] }
        var draw = Draw(world.seed, .duplicate, first.index)
        guard draw.chance(variants.noticed) else { return [] }
        var reports: [Report] = []
        for number in 0..<(1 + draw.weighted([55, 28, 12, 5])) {
            let reported = first.received + delay(&draw)
            let household = witness(first.household, variants.reach, &draw)
            let place = first.index * Self.mostOfOne + number
            let choice = draw.weighted([45, variants.desk.isEmpty ? 0 : 35, variants.grid.isEmpty ? 0 : 20])
            guard reported < Hotline.end else { continue }
            switch choice {
            case 1:
                let words = draw.pick(variants.desk)
                reports.append(Report(channel: .desk(type: words.type, text: words.text), number: independent + place, reported: reported, household: household))
            case 2:
                let words = draw.pick(variants.grid)
                reports.append(
                    Report(
                        channel: .grid(major: words.major, minor: words.minor, text: words.text), number: independent + place, reported: reported, household: household))
            default:
                let words = draw.pick(variants.hotline)
                var category = first.category
                (category.category, category.subcategory, category.handler) = words
                var voice = Draw(world.seed, .duplicate, place, 5)
                category.text = voice.pick(variants.said)
                reports.append(Report(channel: .hotline(category), number: hotline.count + place, reported: reported, household: household))
            }
        }
        return reports
    }

    private func delay(_ draw: inout Draw) -> Int {
        draw.between(IncidentVariants.delays[draw.weighted(IncidentVariants.delays.map(\.weight))].range)
    }

    /// Another household that notices the trouble, in the house that it names as its place.
    private func witness(_ household: Int, _ reach: IncidentVariants.Reach, _ draw: inout Draw) -> Int {
        guard reach != .home, let home = world.layout.home(ofHousehold: household) else { return household }
        // People say where the trouble is. Of what is outside some name their own house instead.
        let namesOwn = reach == .around && draw.chance(350)
        // Households are numbered building by building.
        let other = min(max(household + draw.between(-8...8), 0), world.layout.households - 1)
        guard let there = world.layout.home(ofHousehold: other) else { return household }
        if there.building == home.building { return other }
        let places = [home, there].map { world.layout.buildings[$0.building].place }
        let sight = Place.unitsPerDegree / 900  // about 120 m
        return namesOwn && places[0].squaredDistance(to: places[1]) <= sight * sight ? other : household
    }

    // MARK: Reports of something else

    /// How many of a desk's or a grid worker's reports are of nothing that the hotline heard of.
    var independent: Int { max(30, world.layout.households * 3 / 10) }

    /// A report of something else; a fifth of them of a trouble that the hotline had in that building on another day.
    private func own(_ index: Int, isGrid: Bool, _ hotline: Hotline) -> Report? {
        guard var (report, _, _) = drawnOwn(index, isGrid: isGrid, hotline) else { return nil }
        report.household = world.underWay[isGrid ? .grid(index) : .desk(index)] ?? report.household
        return report
    }

    /// The same as drawn, whatever is under way there; which trouble it is, and the hotline case that had it on another day.
    private func drawnOwn(_ index: Int, isGrid: Bool, _ hotline: Hotline) -> (Report, IncidentVariants, again: Int?)? {
        var draw = Draw(world.seed, .duplicate, -1 - index, isGrid ? 2 : 1)
        let earlier = draw.chance(200) ? hotline.drawn(draw.below(hotline.count)) : nil
        let reported = earlier.map { $0.received + draw.between(260_000...2_000_000) } ?? Hotline.end - Hotline.span + draw.below(Hotline.span)
        let household = earlier?.household ?? draw.below(world.layout.households)
        let variants = earlier.flatMap { IncidentVariants.of($0.category.subcategory) } ?? draw.pick(IncidentVariants.all)
        guard reported < Hotline.end else { return nil }
        let channel: Report.Channel
        if isGrid {
            guard !variants.grid.isEmpty else { return nil }
            let words = draw.pick(variants.grid)
            channel = .grid(major: words.major, minor: words.minor, text: words.text)
        } else {
            let words = draw.pick(variants.desk)
            channel = .desk(type: words.type, text: words.text)
        }
        return (Report(channel: channel, number: index, reported: reported, household: household), variants, earlier?.index)
    }

    /// The first report of a trouble of a whole building; nil where it is of none.
    func firstReport(_ index: Int, isGrid: Bool, _ hotline: Hotline) -> TroublesUnderWay.FirstReport? {
        guard let (report, variants, again) = drawnOwn(index, isGrid: isGrid, hotline), variants.reach != .home else { return nil }
        let until = isGrid ? gridTimes(report).closed : deskTimes(report).finished
        return .init(reported: report.reported, household: report.household, trouble: variants.subcategory, until: until, again: again)
    }

    /// The same of a hotline's case; it lasts until the last of its witnesses has told it.
    func firstReport(_ first: HotlineCase, of hotline: Hotline) -> TroublesUnderWay.FirstReport? {
        guard let variants = IncidentVariants.of(first.category.subcategory), variants.reach != .home else { return nil }
        let until = others(on: first, of: hotline).reduce(first.closing) { max($0, $1.reported) }
        return .init(reported: first.received, household: first.household, trouble: variants.subcategory, until: until)
    }

    // MARK: Files

    func write(folder: String) throws(SimulationError) {
        let desk = try OutputFile(folder + "/" + Self.deskPath), grid = try OutputFile(folder + "/" + Self.gridPath)
        try desk.write("{\"code\":0,\"msg\":\"success\",\"data\":{\"rows\":[")
        try grid.write(csvLine(Self.gridColumns))
        let hotline = Hotline(world: world), police = PoliceIncidents(world: world)
        var isFirst = true
        for index in 0..<independent {
            if let report = own(index, isGrid: false, hotline) { try write(report, desk: desk, grid: grid, &isFirst) }
            if let report = own(index, isGrid: true, hotline) { try write(report, desk: desk, grid: grid, &isFirst) }
        }
        for index in 0..<hotline.count {
            let first = hotline.hotlineCase(index)
            let others = others(on: first, of: hotline)
            for report in others { try write(report, desk: desk, grid: grid, &isFirst) }
            var same = [(Hotline.path, first.key)]
            if let key = police.key(sharedWith: index, hotline) { same.append((PoliceIncidents.path, key)) }
            same += others.map { ($0.file, $0.key) }
            if same.count > 1 { try world.truth.sameIncident(index + 1, same) }
        }
        try desk.write("\n]}}\n")
        try desk.finish()
        try grid.finish()
    }

    private func write(_ report: Report, desk: OutputFile, grid: OutputFile, _ isFirst: inout Bool) throws(SimulationError) {
        switch report.channel {
        // The hotline's own file has those.
        case .hotline: return
        case .desk(let type, let text):
            let written = try deskRow(report, type, text)
            try desk.write((isFirst ? "\n" : ",\n") + written)
            isFirst = false
        case .grid(let major, let minor, let text): try grid.write(try gridRow(report, major, minor, text))
        }
    }

    private func deskRow(_ report: Report, _ type: String, _ text: String) throws(SimulationError) -> String {
        guard let household = world.maker.household(report.household) else { return "{}" }
        var row = world.rowNoise(.propertyDesk, report.number)
        let building = world.layout.buildings[household.home.building]
        let isWrong = row.strikes(.wrongBuildingCode, permille: 20)
        let written = isWrong ? world.layout.neighbour(of: building) : building
        let spelling = world.spelling(world.layout.address(of: household.home), Self.deskStyles, &row)
        let (finished, isDone) = deskTimes(report)
        try world.truth.row(Self.deskPath, key: report.key, thing: household.home.code, spelling: spelling, noise: row)
        return JSONText.object([
            ("id", .text(report.key)), ("reportedAt", .text(CivilDate.clock(report.reported))), ("type", .text(type)), ("content", .text(text)),
            ("buildingId", row.strikes(.blankCell, permille: 60) ? .null : .text(written.propertyCode)), ("address", .text(spelling)),
            ("finishedAt", isDone && finished < Hotline.end ? .text(CivilDate.clock(finished)) : .null),
        ]).written
    }

    /// When it is finished, and whether the desk ever says so.
    private func deskTimes(_ report: Report) -> (finished: Int, isTold: Bool) {
        var draw = Draw(world.seed, .duplicate, report.number, 3)
        return (report.reported + draw.between(3_000...900_000), draw.chance(850))
    }

    /// Where a grid worker's telephone says that he stands, and when it was handled and closed.
    private func gridTimes(_ report: Report) -> (shift: Place, handled: Int, closed: Int) {
        var draw = Draw(world.seed, .duplicate, report.number, 4)
        // Within some ten metres mostly, between high houses further off. A degree of longitude is shorter.
        let reach = draw.chance(850) ? 20_000 : 70_000
        let shift = Place(longitude: draw.between(-reach...reach), latitude: draw.between(-reach...reach))
        let handled = report.reported + draw.between(1_200...90_000)
        return (shift, handled, handled + draw.between(1_000...300_000))
    }

    private func gridRow(_ report: Report, _ major: String, _ minor: String, _ text: String) throws(SimulationError) -> String {
        guard let household = world.maker.household(report.household) else { return "" }
        var row = world.rowNoise(.gridWorkers, report.number)
        let building = world.layout.buildings[household.home.building]
        var address = world.layout.address(of: household.home)
        // He stands before the house.
        address.room = ""
        let spelling = world.spelling(address, Self.gridStyles, &row)
        let (shift, handled, closed) = gridTimes(report)
        let place = Place(longitude: building.place.longitude + shift.longitude, latitude: building.place.latitude + shift.latitude)
        let isPlaced = !row.strikes(.blankCell, permille: 80)
        try world.truth.row(Self.gridPath, key: report.key, thing: building.propertyCode, spelling: spelling, noise: row)
        return csvLine([
            report.key, CivilDate.clock(report.reported), major, minor, text, spelling, isPlaced ? place.longitudeText : "", isPlaced ? place.latitudeText : "",
            handled < Hotline.end ? CivilDate.clock(handled) : "", closed < Hotline.end ? CivilDate.clock(closed) : "",
        ])
    }
}
