import RecordFormats

/// Which events a source's columns could tell, by names in Chinese and English.
struct EventFit {
    let event: String
    /// Kind in subjects, as the contract wants it: `case`, `person`.
    let kind: String
    /// What is told of a record that vanished; nil where the contracts know none.
    let removed: String?
    /// Members of the payload, by names of columns without spaces and punctuation, in lower case.
    let members: [(name: String, columns: [String])]
    /// Columns that hardly anything else has.
    let signs: [String]
    /// Whether a column called `name` names a thing, not a person.
    let namesThings: Bool

    private static let address = ["address", "addr", "地址", "楼栋地址", "详细地址", "address1", "incidentaddress", "案发地址", "地址链", "location", "street", "address_text"]

    /// In the order in which they win where two fit equally.
    static let all: [EventFit] = [
        EventFit(
            event: "case.received", kind: "case", removed: "case.withdrawn",
            members: [
                ("category", ["category", "complainttype", "crimetype", "primarytype", "servicename", "casetype", "type", "类别", "案件类别", "诉求类型", "案件类型", "事项类别"]),
                ("subcategory", ["subcategory", "descriptor", "descript", "子类别", "小类"]), ("address", address),
                ("district", ["district", "pddistrict", "borough", "supervisordistrict", "lsoaname", "区", "街道", "所属街道"]),
                ("description", ["description", "诉求内容", "内容", "详情", "案情", "statusnotes"]),
                ("handler", ["handler", "agencyname", "agency", "agencyresponsible", "承办单位", "处置单位"]),
                ("department", ["reportedby", "主管部门"]), ("medium", ["source", "opendatachanneltype", "来源", "渠道"]),
                ("urgency", ["priority", "urgency", "紧急程度"]), ("incident", ["incident", "incidentnumber"]),
                ("reporter", ["reporter", "报案人", "诉求人", "来电人"]), ("phone", ["phone", "电话", "联系电话", "来电号码"]),
            ],
            signs: [
                "complainttype", "crimetype", "crimeid", "closeddate", "servicerequestid", "requesteddatetime", "descript", "incidentaddress", "报案时间", "诉求内容", "案件类别",
                "立案号", "工单编号", "resolution", "lastoutcomecategory", "createddate",
            ], namesThings: false),
        EventFit(
            event: "resident.registered", kind: "person", removed: "resident.deregistered",
            members: [
                ("building", ["building", "楼栋", "楼栋编码", "楼栋地址编码", "address1", "address", "地址", "住址", "户籍地址"]),
                ("dwelling", ["dwelling", "room", "室号", "房号", "streetnumber"]), ("id_number", ["idnumber", "socsecid", "身份证号", "证件号码", "公民身份号码"]),
                ("sex", ["sex", "gender", "性别"]), ("kind", ["户籍类型", "人员类别"]), ("since", ["since", "登记日期", "入住日期"]),
                ("phone", ["phone", "电话", "联系电话", "手机号"]),
            ],
            signs: ["givenname", "surname", "firstname", "lastname", "dateofbirth", "dob", "socsecid", "身份证号", "证件号码", "出生日期", "户籍地址", "email"], namesThings: false),
        EventFit(
            event: "dwelling.described", kind: "dwelling", removed: "dwelling.removed",
            members: [
                ("building", ["building", "楼栋", "楼栋编码", "幢号"]), ("room", ["room", "室号", "房号"]), ("area_m2", ["aream2", "area", "面积", "建筑面积"]),
                ("tenure", ["tenure", "产权", "房屋性质"]), ("occupants", ["occupants", "居住人数"]), ("owner", ["owner", "业主", "户主"]), ("address", address),
            ], signs: ["室号", "房号", "业主", "产权"], namesThings: false),
        EventFit(
            event: "compound.described", kind: "compound", removed: "compound.removed",
            members: [
                ("name", ["plotname", "compoundname", "小区名称", "小区", "name", "名称"]), ("address", address), ("manager", ["manager", "物业公司", "物业"]),
                ("households_text", ["房屋总数", "总户数"]), ("built", ["建筑年代", "建成年代"]),
            ], signs: ["plotname", "小区名称", "物业公司", "物业费用", "房屋总数"], namesThings: true),
        EventFit(
            event: "sensor.described", kind: "sensor", removed: "sensor.removed",
            members: [
                ("observed_property", ["observedproperty", "property", "measure", "监测指标"]), ("unit", ["unit", "units", "单位"]), ("name", ["name", "名称"]),
                ("room", ["room"]), ("floor", ["floor", "楼层"]), ("platform", ["platform", "vendor", "厂商"]), ("installed", ["installed", "安装日期"]),
            ], signs: ["observedproperty", "设备编号", "传感器", "samplepoint", "监测指标"], namesThings: true),
        EventFit(
            event: "building.described", kind: "building", removed: "building.removed",
            members: [
                ("name", ["name", "buildingname", "楼名", "楼栋名称", "名称"]), ("address", address), ("height_m", ["height", "heightm", "measuredheight", "高度", "楼高"]),
                ("floors", ["floors", "numberoffloors", "storeys", "levels", "storeysaboveground", "层数", "楼层数", "地上层数"]),
                ("usage", ["usage", "primaryspaceusage", "buildinguse", "use", "function", "用途", "房屋用途", "kinddetail"]),
                ("built_year", ["builtyear", "yearbuilt", "yearofconstruction", "建成年份", "竣工年份"]), ("households", ["households", "户数"]),
                ("compound_name", ["compound", "小区", "小区名称"]),
            ], signs: ["numberoffloors", "yearbuilt", "sqft", "sqm", "footprint", "楼栋名称", "层数", "建成年份", "height", "measuredheight", "type"], namesThings: true),
        EventFit(
            event: "address.described", kind: "address", removed: "address.removed",
            members: [("name", ["name", "名称", "区划名称", "areaname"]), ("address", address), ("usage", ["usage"])],
            signs: ["areacode", "citycode", "provincecode", "行政区划"], namesThings: true),
    ]

    /// Letters and digits in lower case; of a path the last part.
    static func plain(_ column: String) -> String {
        let last = column.split(separator: ".").last.map(String.init) ?? column
        return last.lowercased().filter { $0.isLetter || $0.isNumber }
    }

    /// The column of each member; each column once.
    func columns(_ profiles: [ColumnProfile]) -> [(member: String, profile: ColumnProfile)] {
        var taken: Set<String> = []
        return members.compactMap { member in
            for word in member.columns {
                if let found = profiles.first(where: { Self.plain($0.name) == word && !taken.contains($0.name) && !$0.isNested }) {
                    taken.insert(found.name)
                    return (member.name, found)
                }
            }
            return nil
        }
    }

    /// How well the columns fit: members that are found, and signs three times. One member alone, such as a name, says nothing.
    private func score(_ profiles: [ColumnProfile]) -> Int {
        let names = Set(profiles.map { Self.plain($0.name) })
        let found = columns(profiles).count + 3 * signs.count { names.contains($0) }
        return found > 1 ? found : 0
    }

    /// The event that fits best; an address where nothing does.
    static func best(_ profiles: [ColumnProfile]) -> EventFit {
        var best = all[all.count - 1]
        var most = 0
        for fit in all {
            let score = fit.score(profiles)
            if score > most { (best, most) = (fit, score) }
        }
        return best
    }

    static let opened = [
        "createddate", "created", "requesteddatetime", "reporttime", "reporteddate", "timestamp", "datetime", "date", "month", "报案时间", "受理时间", "接报时间", "来电时间", "创建时间",
    ]
    static let closed = ["closeddate", "closed", "closedat", "结案时间", "办结时间", "完成时间"]
    static let longitude = ["longitude", "lon", "lng", "long", "经度"]
    static let latitude = ["latitude", "lat", "纬度"]
}
