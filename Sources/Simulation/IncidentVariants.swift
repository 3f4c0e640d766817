/// How different people see and word one trouble: what a neighbour tells the hotline, how a property company's desk and a grid worker file it.
///
/// Written from how such platforms name things (desks by trade, grid workers by the catalogue of parts and events 部件、事件), one table for all
/// troubles of the hotline. Operators also file wrongly: some variants stand under another heading.
struct IncidentVariants {
    /// Who notices it.
    enum Reach { case home, building, around }

    var subcategory: String
    var reach: Reach
    /// Of 1,000 such cases, how many somebody else reports too.
    var noticed: Int
    /// How other callers say it.
    var said: [String]
    /// As other operators of the hotline file it: category, subcategory, handler.
    var hotline: [(category: String, subcategory: String, handler: String)]
    /// The desk's type and words.
    var desk: [(type: String, text: String)]
    /// The grid worker's major and minor class, and his words.
    var grid: [(major: String, minor: String, text: String)]

    static func of(_ subcategory: String) -> IncidentVariants? { all.first { $0.subcategory == subcategory } }

    static let all: [IncidentVariants] = [
        .init(
            subcategory: "电梯故障", reach: .building, noticed: 550,
            said: ["电梯又坏了，一直没人来修", "家里老人出不了门，电梯停了两天", "被关在电梯里刚出来，要求检修", "从十八楼走下来的，电梯不能用"],
            hotline: [("物业服务", "电梯故障", "房管所"), ("物业服务", "电梯故障", "房管所"), ("公共安全", "电梯困人", "市场监管所"), ("物业服务", "物业管理", "房管所")],
            desk: [("电梯", "电梯停用，等维保"), ("电梯", "客梯不动了，按钮没反应"), ("设备", "2号梯门关不上"), ("电梯", "电梯卡在三楼")],
            grid: [("房屋安全", "电梯", "住户反映电梯停运"), ("公共设施", "电梯故障", "电梯停运未张贴告示")]),
        .init(
            subcategory: "房屋漏水", reach: .home, noticed: 260,
            said: ["卫生间顶上一直滴水", "外墙渗水，墙皮都掉了", "楼上住户家里漏水漏到我家", "厨房天花板湿了一大片"],
            hotline: [("物业服务", "房屋漏水", "房管所"), ("物业服务", "房屋维修", "房管所")],
            desk: [("水电", "卫生间天花板滴水"), ("水电", "楼上渗水到我家"), ("房屋", "屋顶漏，墙面发霉"), ("公共", "楼道天花板渗水")], grid: []),
        .init(
            subcategory: "水管爆裂", reach: .around, noticed: 600,
            said: ["小区门口自来水管裂了，水喷得很高", "地下冒水，路上都淹了", "水管破了一直在流", "门口路面大量积水"],
            hotline: [("供水", "水管爆裂", "供水分公司"), ("供水", "水管爆裂", "供水分公司"), ("供水", "管网漏水", "供水分公司"), ("市容环境", "路面积水", "城管中队")],
            desk: [("水电", "门口水管爆了，水往外冒"), ("水电", "总管漏水，已关阀"), ("公共", "地上全是水")],
            grid: [("公用设施", "供水管道", "路面冒水，疑似水管破裂"), ("道路", "积水", "路面积水影响通行")]),
        .init(
            subcategory: "水压不足", reach: .building, noticed: 350,
            said: ["水龙头只有一点点水", "早上没水用", "六楼以上水上不来", "水压太低，热水器打不着"],
            hotline: [("供水", "水压不足", "供水分公司"), ("供水", "停水", "供水分公司")],
            desk: [("水电", "水很小，热水器打不着"), ("水电", "高层没水"), ("设备", "水泵声音不对，楼上水小")], grid: []),
        .init(
            subcategory: "夜间施工", reach: .around, noticed: 500,
            said: ["工地半夜还在打桩", "对面工地吵得没法睡", "凌晨两点还在浇混凝土", "晚上十一点后机器声不断"],
            hotline: [("噪声扰民", "夜间施工", "城管中队"), ("噪声扰民", "夜间施工", "城管中队"), ("噪声扰民", "建筑工地噪声", "城管中队"), ("建设管理", "工地管理", "城管中队")],
            desk: [("投诉", "隔壁工地晚上打桩"), ("投诉", "半夜还在施工，吵得睡不着")],
            grid: [("街面秩序", "施工扰民", "工地超时施工"), ("市容环境", "噪声", "夜间施工噪声")]),
        .init(
            subcategory: "邻里噪声", reach: .building, noticed: 320,
            said: ["楼上半夜唱歌", "隔壁天天放音响", "邻居打麻将到凌晨，太吵", "楼上小孩跑跳声音很大"],
            hotline: [("噪声扰民", "邻里噪声", "派出所"), ("噪声扰民", "社会生活噪声", "派出所")],
            desk: [("投诉", "楼上吵，放音乐"), ("投诉", "邻居半夜吵闹"), ("秩序", "有住户喝酒喧哗")], grid: []),
        .init(
            subcategory: "电动车进楼", reach: .building, noticed: 400,
            said: ["有人把电瓶车推进电梯", "楼道里停了好几辆电动车", "从窗口拉电线下来充电", "门厅里充电瓶，怕着火"],
            hotline: [("消防隐患", "电动车进楼", "陆家嘴街道城运中心"), ("消防隐患", "楼道充电", "陆家嘴街道城运中心"), ("物业服务", "物业管理", "房管所")],
            desk: [("秩序", "有人把电瓶车推上楼"), ("消防", "楼道里给电瓶车充电")],
            grid: [("消防安全", "飞线充电", "楼道内电瓶车充电"), ("消防安全", "楼道堆物", "电瓶车停放楼道")]),
        .init(
            subcategory: "高空抛物", reach: .building, noticed: 350,
            said: ["楼上往下丢垃圾，差点砸到小孩", "有烟头从上面掉下来", "窗户玻璃掉下来砸到车", "楼上经常乱扔东西"],
            hotline: [("公共安全", "高空抛物", "派出所"), ("物业服务", "物业管理", "房管所")],
            desk: [("秩序", "楼上扔烟头下来"), ("秩序", "掉下来一个花盆，差点砸到人")], grid: [("公共安全", "高空坠物", "楼上抛物，已拍照")]),
        .init(
            subcategory: "电动车被盗", reach: .home, noticed: 150,
            said: ["我的电瓶车昨晚被偷了", "停车棚里的车没了", "电瓶被人拆走"],
            hotline: [("公共安全", "电动车被盗", "派出所")],
            desk: [("秩序", "业主说电瓶车丢了，要看监控"), ("秩序", "车棚少了一辆车")], grid: []),
        .init(
            subcategory: "露台搭建", reach: .building, noticed: 300,
            said: ["顶楼有人搭房子", "邻居把露台封起来了", "楼上违建，运砖上去", "屋顶在搭阳光房"],
            hotline: [("违章搭建", "露台搭建", "城管中队"), ("违章搭建", "违法建筑", "城管中队")],
            desk: [("装修", "顶楼在搭阳光房"), ("投诉", "有人在露台上砌墙")], grid: [("违法建设", "在建违建", "顶楼新搭玻璃房"), ("违法建设", "违法搭建", "露台搭建，劝阻无效")]),
        .init(
            subcategory: "占用消防通道", reach: .around, noticed: 450,
            said: ["消防通道停满了车", "救护车进不来，车把路堵了", "生命通道上长期停车"],
            hotline: [("停车管理", "占用消防通道", "陆家嘴街道城运中心"), ("消防隐患", "消防通道堵塞", "陆家嘴街道城运中心"), ("停车管理", "违法停车", "派出所")],
            desk: [("秩序", "消防登高面停了车"), ("车辆", "有车停在消防通道，联系不上车主")],
            grid: [("消防安全", "占用消防通道", "机动车停在消防通道"), ("街面秩序", "机动车乱停", "车辆乱停，堵住通道")]),
        .init(
            subcategory: "群租", reach: .building, noticed: 200,
            said: ["隔壁一套房住了二十个人", "房东把客厅隔出来出租", "楼里群租，进出人很杂"],
            hotline: [("房屋租赁", "群租", "房管所"), ("房屋租赁", "违规出租", "房管所")],
            desk: [("投诉", "隔壁住了十几个人"), ("秩序", "一户隔成多间")], grid: [("房屋安全", "群租", "入户发现隔断出租")]),
        .init(
            subcategory: "垃圾堆放", reach: .around, noticed: 480,
            said: ["装修垃圾堆了一个星期", "垃圾桶满了没人收，很臭", "楼下堆着旧家具"],
            hotline: [("市容环境", "垃圾堆放", "绿化市容所"), ("市容环境", "暴露垃圾", "绿化市容所"), ("物业服务", "物业管理", "房管所")],
            desk: [("保洁", "装修垃圾没人清"), ("保洁", "楼前堆了一堆建筑垃圾")],
            grid: [("市容环境", "暴露垃圾", "楼前堆放建筑垃圾"), ("市容环境", "乱堆物料", "装修垃圾占道")]),
        .init(
            subcategory: "油烟扰民", reach: .around, noticed: 250,
            said: ["饭店排烟口对着我家窗户", "烧烤店油烟呛人", "一开窗都是炒菜味道"],
            hotline: [("市容环境", "油烟扰民", "市场监管所"), ("市容环境", "餐饮油烟", "城管中队")],
            desk: [("投诉", "楼下饭店油烟太大")], grid: [("市容环境", "油烟污染", "饭店油烟直排")]),
        .init(
            subcategory: "漏水纠纷", reach: .home, noticed: 180,
            said: ["楼上漏水不肯赔", "跟楼上为了漏水吵起来了", "邻居不让进门查漏水"],
            hotline: [("邻里纠纷", "漏水纠纷", "派出所"), ("物业服务", "房屋漏水", "房管所")],
            desk: [("投诉", "楼上漏水不肯修，两家吵起来"), ("水电", "楼上漏水，邻居不开门")], grid: []),
    ]

    /// How long after the first report the next one comes: seconds, by weight. Most people report what they see; some find out in the evening.
    static let delays: [(range: ClosedRange<Int>, weight: Int)] = [
        (60...900, 30), (900...3_600, 28), (3_600...14_400, 22), (14_400...43_200, 12), (43_200...86_400, 6), (86_400...160_000, 2),
    ]
}
