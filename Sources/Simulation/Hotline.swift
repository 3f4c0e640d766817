/// One report to the 12345 hotline, as it would be if everybody wrote down everything.
struct HotlineCase {
    var index: Int
    var category: HotlineCategory
    var received: Int
    var household: Int
    /// Seconds of each step in the order of `Hotline.steps`; nil where it has not happened.
    var steps: [Int?]
    /// When it is closed, whether or not the export knows it yet.
    var closing = 0
    var satisfaction: String?
    var channel: String
    var key: String { "SH12345-2026" + CivilDate.padded(index + 1, 7) }
}

/// A kind of report, who handles it, and the police's word for the same thing where they take it too.
struct HotlineCategory {
    var category, subcategory, handler: String
    var text: String
    var policeCategory: String?

    static let all: [HotlineCategory] = [
        .init(category: "物业服务", subcategory: "电梯故障", handler: "房管所", text: "电梯停运，老人上下楼困难"),
        .init(category: "物业服务", subcategory: "房屋漏水", handler: "房管所", text: "楼上漏水，天花板渗水"),
        .init(category: "供水", subcategory: "水管爆裂", handler: "供水分公司", text: "楼前水管爆裂，路面积水"),
        .init(category: "供水", subcategory: "水压不足", handler: "供水分公司", text: "早晚水压很低"),
        .init(category: "噪声扰民", subcategory: "夜间施工", handler: "城管中队", text: "工地夜间施工"),
        .init(category: "噪声扰民", subcategory: "邻里噪声", handler: "派出所", text: "邻居深夜喧哗", policeCategory: "噪声扰民"),
        .init(category: "消防隐患", subcategory: "电动车进楼", handler: "陆家嘴街道城运中心", text: "电动车推进楼道充电"),
        .init(category: "公共安全", subcategory: "高空抛物", handler: "派出所", text: "楼上往下扔东西", policeCategory: "高空抛物"),
        .init(category: "公共安全", subcategory: "电动车被盗", handler: "派出所", text: "停在楼下的电动车不见了", policeCategory: "盗窃"),
        .init(category: "违章搭建", subcategory: "露台搭建", handler: "城管中队", text: "顶楼搭建玻璃房"),
        .init(category: "停车管理", subcategory: "占用消防通道", handler: "陆家嘴街道城运中心", text: "车辆堵住消防通道"),
        .init(category: "房屋租赁", subcategory: "群租", handler: "房管所", text: "房屋隔成多间出租"),
        .init(category: "市容环境", subcategory: "垃圾堆放", handler: "绿化市容所", text: "建筑垃圾堆在楼前"),
        .init(category: "市容环境", subcategory: "油烟扰民", handler: "市场监管所", text: "楼下饭店油烟直排"),
        .init(category: "邻里纠纷", subcategory: "漏水纠纷", handler: "派出所", text: "因漏水与邻居争执", policeCategory: "纠纷"),
    ]
}

/// The 12345 hotline's export: UTF-8 CSV with a byte order mark, one row a case, a column a step.
struct Hotline {
    let world: World
    static let steps = ["受理时间", "派单时间", "签收时间", "退单时间", "联系时间", "办结时间", "回访时间", "重办时间"]
    static let columns = ["工单编号"] + steps + ["来源渠道", "诉求类别", "诉求小类", "诉求内容", "诉求地址", "底图编号", "经度", "纬度", "承办单位", "满意度", "市民姓名", "联系电话"]
    static let path = "hotline-12345/cases.csv"
    private static let styles: [(AddressStyle, Int)] = [
        (.short, 30), (.buildingTower, 20), (.official, 15), (.noisyLong, 12), (.buildingUnitRoom, 10), (.gateDoor, 8),
        (.chineseNumerals, 5),
    ]
    /// The half year before `CivilDate.today`.
    static let span = 180 * 86_400
    static let end = (CivilDate.today + 1) * 86_400

    var count: Int { max(60, world.layout.households * 6 / 10) }

    /// Any case from its number, in order of time.
    func hotlineCase(_ index: Int) -> HotlineCase {
        var found = drawn(index)
        found.household = world.underWay[.hotline(index)] ?? found.household
        return found
    }

    /// The same as drawn, whatever is under way there.
    func drawn(_ index: Int) -> HotlineCase {
        var draw = Draw(world.seed, .hotline, index)
        let spacing = max(1, Self.span / count)
        let received = Self.end - Self.span + index * spacing + draw.below(spacing)
        let category = draw.pick(HotlineCategory.all)
        let household = draw.below(world.layout.households)
        return hotlineCase(index, category, received, household, &draw)
    }

    /// The case of another caller about what was reported before.
    private func hotlineCase(_ report: IncidentReports.Report, _ category: HotlineCategory) -> HotlineCase {
        var draw = Draw(world.seed, .hotline, report.number)
        return hotlineCase(report.number, category, report.reported, report.household, &draw)
    }

    private func hotlineCase(_ index: Int, _ category: HotlineCategory, _ received: Int, _ household: Int, _ draw: inout Draw) -> HotlineCase {
        var result = HotlineCase(
            index: index, category: category, received: received, household: household,
            steps: [received], satisfaction: nil, channel: draw.pick(["电话", "电话", "电话", "网上", "小程序", "转办"]))
        let dispatched = received + draw.between(180...9_000)
        let returned = draw.chance(80) ? dispatched + draw.between(3_600...160_000) : nil
        let accepted = (returned ?? dispatched) + draw.between(900...30_000)
        let contacted = draw.chance(880) ? accepted + draw.between(1_200...90_000) : nil
        let closed = (contacted ?? accepted) + draw.between(20_000...1_300_000)
        let calledBack = draw.chance(820) ? closed + draw.between(20_000...260_000) : nil
        let reopened = calledBack != nil && draw.chance(90) ? (calledBack ?? closed) + draw.between(600...20_000) : nil
        result.closing = closed
        // What had not happened by the end of the export is not in it: those are the open cases.
        result.steps = [received, dispatched, accepted, returned, contacted, closed, calledBack, reopened].map { step in
            step.flatMap { $0 < Self.end ? $0 : nil }
        }
        if result.steps[6] != nil { result.satisfaction = ["满意", "基本满意", "不满意", "无法联系"][draw.weighted([55, 22, 15, 8])] }
        return result
    }

    func write(folder: String) throws(SimulationError) {
        let file = try OutputFile(folder + "/" + Self.path)
        try file.write(bytes: [0xEF, 0xBB, 0xBF])
        try file.write(csvLine(Self.columns))
        var late = LateRows(distance: 30)
        let others = IncidentReports(world: world)
        for index in 0..<count {
            let report = hotlineCase(index)
            try write(report, to: file, &late)
            for further in others.others(on: report, of: self) {
                if case .hotline(let category) = further.channel { try write(hotlineCase(further, category), to: file, &late) }
            }
        }
        try late.finish(file)
        try file.finish()
    }

    private func write(_ report: HotlineCase, to file: OutputFile, _ late: inout LateRows) throws(SimulationError) {
        guard let household = world.maker.household(report.household) else { return }
        var row = world.rowNoise(.hotline, report.index)
        var draw = Draw(world.seed, .hotline, report.index, 1)
        let building = world.layout.buildings[household.home.building]
        let steps = writtenSteps(report, &row)
        var baseMap = world.baseMapNumber(of: building, &row, missing: 380, wrong: 20) ?? ""
        // About a third of the operators pin the place on the map; some do both, some neither.
        let pinned = baseMap.isEmpty ? draw.chance(750) : draw.chance(120)
        if report.channel == "转办" { baseMap = "" }
        let citizen = household.residents.first { $0.phone != nil }
        let spelling = world.spelling(world.layout.address(of: household.home), Self.styles, &row)
        var content = report.category.text
        if row.strikes(.personalInText, permille: 120), let citizen { content += "，请联系\(citizen.name.text)，电话\(citizen.phone ?? "")" }
        if draw.chance(60) { content += "。\n此前已反映过，未解决" }
        var phone = citizen?.phone ?? ""
        if row.strikes(.blankCell, permille: 60) { phone = "" }
        let cells =
            [report.key] + steps + [
                report.channel, report.category.category, report.category.subcategory, content, spelling, baseMap,
                pinned ? building.place.longitudeText : "", pinned ? building.place.latitudeText : "", report.category.handler,
                report.satisfaction ?? "", citizen?.name.text ?? "", phone,
            ]
        let isLate = row.strikes(.lateRow, permille: 30)
        try late.add(csvLine(cells), late: isLate, to: file)
        if row.strikes(.repeatedKey, permille: 12) { try late.add(csvLine(cells), late: true, to: file) }
        try world.truth.row(Self.path, key: report.key, thing: household.home.code, spelling: spelling, noise: row)
    }

    /// The step columns as the export has them: some skipped, some out of order.
    private func writtenSteps(_ report: HotlineCase, _ row: inout RowNoise) -> [String] {
        var steps = report.steps
        if row.strikes(.skippedStep, permille: 60) {
            var draw = row.draw(.skippedStep)
            _ = draw.next()
            steps[draw.pick([1, 2, 4])] = nil
        }
        if row.strikes(.disorderedTimes, permille: 35) {
            var draw = row.draw(.disorderedTimes)
            _ = draw.next()
            // A clock that is wrong, or a time typed in afterwards.
            let at = draw.pick([1, 2, 5])
            if let time = steps[at] { steps[at] = time - draw.between(3_600...90_000) }
        }
        var texts = steps.map { $0.map { CivilDate.clock($0) } ?? "" }
        if row.strikes(.oddDate, permille: 12), let time = steps[0] { texts[0] = CivilDate.clock(time, dateSeparator: ".", seconds: false) }
        return texts
    }
}
