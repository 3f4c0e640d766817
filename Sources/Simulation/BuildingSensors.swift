/// Sensors in and near the buildings, on the river and on the water network: descriptions and readings as NDJSON.
final class BuildingSensors {
    /// What a sensor measures, in which unit its maker writes, and how its readings run.
    enum Kind: String, CaseIterable {
        case water = "water_volume", smoke = "smoke_density", temperature = "temperature", lift = "lift_vibration"
        case river = "river_level", pressure = "pressure", flow = "flow"

        var unit: String {
            switch self {
            case .water: "m3"
            case .smoke: "dB/m"
            case .temperature: "Cel"
            case .lift: "mm/s"
            case .river: "m"
            case .pressure: "bar"
            case .flow: "L/s"
            }
        }
        var prefix: String {
            switch self {
            case .water: "WM"
            case .smoke: "SD"
            case .temperature: "TH"
            case .lift: "LF"
            case .river: "RL"
            case .pressure: "PT"
            case .flow: "FM"
            }
        }
    }

    struct Sensor {
        var id: String
        var kind: Kind
        var building: Building?
        /// The thing it looks at where that is no building: pipe/P427, river/huangpu.
        var target: String?
        var place: Place?
    }

    /// Pipes of the C-Town network (EPANET, see the adapter water-network) that carry a meter. With another network
    /// these ids name nothing, and the sensors stay without a feature of interest in the twin.
    static let pipes = ["P427", "P161", "P978", "P981", "P1", "P10", "P100", "P101", "P102", "P103", "P1000", "P1016"]
    /// Gauges in the Huangpu river at Lujiazui.
    private static let gauges = [
        Place(longitude: 12_149_050_000, latitude: 3_124_050_000), Place(longitude: 12_149_350_000, latitude: 3_124_450_000),
        Place(longitude: 12_150_250_000, latitude: 3_124_900_000),
    ]
    static let hours = 48
    private static let sensorFile = "building-sensors/sensors.ndjson", readingFile = "building-sensors/readings.ndjson"

    private let world: World
    private let descriptions, readings: OutputFile
    private var late = LateRows(distance: 60)

    init(_ world: World, folder: String) throws(SimulationError) {
        self.world = world
        descriptions = try OutputFile(folder + "/" + Self.sensorFile)
        readings = try OutputFile(folder + "/" + Self.readingFile)
    }

    func write() throws(SimulationError) {
        try visit { (sensor, number) throws(SimulationError) in try describe(sensor, number: number) }
        for hour in 0..<Self.hours {
            try visit { (sensor, number) throws(SimulationError) in try read(sensor, number: number, hour: hour) }
        }
        try late.finish(readings)
        try descriptions.finish()
        try readings.finish()
    }

    /// All sensors in their order; none is kept.
    private func visit(_ body: (Sensor, Int) throws(SimulationError) -> Void) throws(SimulationError) {
        var number = 0
        func next(_ kind: Kind, _ building: Building?, _ target: String?, _ place: Place?) throws(SimulationError) {
            number += 1
            try body(
                Sensor(id: kind.prefix + "-" + CivilDate.padded(number, 6), kind: kind, building: building, target: target, place: place),
                number)
        }
        for building in world.layout.buildings {
            try next(.water, building, nil, building.place)
            try next(.smoke, building, nil, building.place)
            if building.index % 3 == 0 { try next(.temperature, building, nil, building.place) }
            if building.floors > 6 { try next(.lift, building, nil, building.place) }
        }
        for (index, pipe) in Self.pipes.enumerated() {
            try next(index % 2 == 0 ? .flow : .pressure, nil, "pipe/" + pipe, nil)
        }
        for place in Self.gauges { try next(.river, nil, "river/huangpu", place) }
    }

    private func describe(_ sensor: Sensor, number: Int) throws(SimulationError) {
        var row = world.rowNoise(.sensors, number)
        var draw = Draw(world.seed, .sensor, number)
        var members: [(String, JSONText)] = [
            ("sensor", .text(sensor.id)), ("property", .text(sensor.kind.rawValue)), ("unit", .text(sensor.kind.unit)),
            ("vendor", .text(draw.pick(["海纳传感", "申智物联", "云测科技"]))),
            ("installed", .text(CivilDate.text(CivilDate.today - draw.between(60...2500)))),
        ]
        if let building = sensor.building, let map = world.baseMapNumber(of: building, &row, missing: 100, wrong: 20) {
            members.append(("base_map", .text(map)))
        }
        if let target = sensor.target {
            let parts = target.split(separator: "/", maxSplits: 1).map(String.init)
            members.append((parts[0], .text(parts.last ?? "")))
        }
        if let place = sensor.place, !row.strikes(.blankCell, permille: sensor.building == nil ? 0 : 80) {
            members += [("lon", .number(place.longitudeText)), ("lat", .number(place.latitudeText))]
        }
        if row.strikes(.nullWord, permille: 60) {
            members.append(("room", .text("暂无")))
        } else {
            members.append(("room", .text(draw.pick(["机房", "楼道", "水表间", "屋面"]))))
        }
        try descriptions.write(JSONText.object(members).written + "\n")
        try world.truth.row(Self.sensorFile, key: sensor.id, thing: sensor.building?.propertyCode ?? sensor.target ?? "", noise: row)
    }

    private func read(_ sensor: Sensor, number: Int, hour: Int) throws(SimulationError) {
        let ordinal = number * Self.hours + hour
        var row = world.rowNoise(.readings, ordinal)
        var stuck = world.rowNoise(.sensors, number)
        let isStuck = stuck.strikes(.stuckSensor, permille: 20)
        let value = isStuck ? value(sensor, number, hour: 0) : value(sensor, number, hour: hour)
        var draw = Draw(world.seed, .reading, ordinal)
        let time = (CivilDate.today - 1) * 86_400 + hour * 3600 + draw.below(50)
        let isMissing = row.strikes(.missingReading, permille: 8)
        let line =
            JSONText.object([
                ("sensor", .text(sensor.id)), ("property", .text(sensor.kind.rawValue)), ("time", .text(CivilDate.iso(time))),
                ("value", isMissing ? .null : .number(value)), ("unit", .text(sensor.kind.unit)),
            ]).written + "\n"
        let isLate = row.strikes(.lateRow, permille: 15)
        try late.add(line, late: isLate, to: readings)
        if row.strikes(.repeatedReading, permille: 10) { try late.add(line, late: true, to: readings) }
        if isStuck { row.note(.stuckSensor) }
        if !row.applied.isEmpty {
            try world.truth.row(Self.readingFile, key: sensor.id + "@" + CivilDate.iso(time), thing: sensor.id, noise: row)
        }
    }

    /// A plausible value as decimal text. A triangle stands for the day's and the tide's wave: no transcendental
    /// functions, whose last digit differs between platforms.
    private func value(_ sensor: Sensor, _ number: Int, hour: Int) -> String {
        var base = Draw(world.seed, .sensor, number, 1)
        var noise = Draw(world.seed, .sensor, number, 2 + hour)
        let level = base.below(1000)
        func wave(_ period: Int, _ amplitude: Int) -> Int {
            let phase = (hour + level % period) % period
            let half = period / 2
            return (phase < half ? phase : period - phase) * 2 * amplitude / half - amplitude
        }
        switch sensor.kind {
        case .water: return decimalText(100_000 + level * 977 + hour * (300 + level / 2) + noise.below(120), digits: 3)
        case .smoke: return decimalText(noise.below(12) + (noise.chance(2) ? 180 : 0), digits: 3)
        case .temperature: return decimalText(262 + wave(24, 35) + noise.between(-4...4), digits: 1)
        case .lift: return decimalText(80 + level / 20 + noise.below(60), digits: 2)
        case .river: return decimalText(2_350 + wave(12, 1_050) + noise.between(-30...30), digits: 3)
        case .pressure: return decimalText(320 + level / 10 - wave(24, 22) + noise.between(-6...6), digits: 2)
        case .flow: return decimalText(4_000 + level * 8 + wave(24, 1_100) + noise.between(-90...90), digits: 2)
        }
    }
}
