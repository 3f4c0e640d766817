/// What is really so, below `truth/`: no adapter reads it, tests and accuracy figures do.
///
/// - `summary.json`: seed, households, residents, the kinds of noise that were on
/// - `compounds.csv`, `buildings.csv`, `dwellings.csv`, `households.csv`, `persons.csv`: the world
/// - `register_rows.ndjson`: for each row of each department's file: which thing it is about, how it spells it, what noise struck it
/// - `incidents.ndjson`: which cases, of one department or of several, are the same incident; those not named are of one alone
/// - `personal_values.txt`: ID numbers, names of three characters and more, and phone numbers, one a line: none of them
///   may ever be found in the clear behind the adapters
final class TruthFiles {
    private let persons, households, dwellings, rows, incidents, values: OutputFile
    private let folder: String
    private(set) var residents = 0
    private(set) var vacantHomes = 0

    init(folder: String) throws(SimulationError) {
        self.folder = folder
        persons = try OutputFile(folder + "/persons.csv")
        households = try OutputFile(folder + "/households.csv")
        dwellings = try OutputFile(folder + "/dwellings.csv")
        rows = try OutputFile(folder + "/register_rows.ndjson")
        incidents = try OutputFile(folder + "/incidents.ndjson")
        values = try OutputFile(folder + "/personal_values.txt")
        try persons.write("person,household,fate,name,document,sex,birth_date,phone,category,since,until,low_income,disabled\n")
        try households.write("household,dwelling,shape,tenure,residents,since\n")
        try dwellings.write("dwelling,building,base_map,entrance,floor,room,area_m2,household,address\n")
    }

    func places(_ layout: Layout) throws(SimulationError) {
        let compounds = try OutputFile(folder + "/compounds.csv")
        try compounds.write("compound,name,aliases,road,lane,manager,built_year\n")
        for c in layout.compounds {
            try compounds.write(
                csvLine([c.code, c.name, c.aliases.joined(separator: "|"), c.road, String(c.lane), c.manager, String(c.builtYear)]))
        }
        try compounds.finish()
        let buildings = try OutputFile(folder + "/buildings.csv")
        try buildings.write("building,base_map,police_code,compound,number,entrances,first_door,floors,longitude,latitude,dwellings\n")
        for b in layout.buildings {
            try buildings.write(
                csvLine([
                    b.propertyCode, String(b.baseMap), b.policeCode, layout.compounds[b.compound].code, String(b.number),
                    String(b.entrances),
                    String(b.firstDoor), String(b.floors), b.place.longitudeText, b.place.latitudeText, String(b.homes.count),
                ]))
        }
        try buildings.finish()
    }

    func home(_ home: Home, _ household: Household?, in layout: Layout) throws(SimulationError) {
        let building = layout.buildings[home.building]
        try dwellings.write(
            csvLine([
                home.code, building.propertyCode, String(building.baseMap), String(home.entrance + 1), String(home.floor), home.room,
                decimalText(home.areaDecimetres, digits: 1), household?.code ?? "", AddressStyle.official.write(layout.address(of: home)),
            ]))
        guard let household else { vacantHomes += 1; return }
        residents += household.residents.count
        try households.write(
            csvLine([
                household.code, home.code, household.shape.rawValue, household.tenure.rawValue, String(household.residents.count),
                CivilDate.text(household.since),
            ]))
        for person in household.everybody { try self.person(person, household.code) }
    }

    private func person(_ p: Person, _ household: String) throws(SimulationError) {
        try persons.write(
            csvLine([
                p.code, household, p.fate.rawValue, p.name.text, p.document, p.sex, CivilDate.text(p.birth), p.phone ?? "",
                p.category.rawValue,
                CivilDate.text(p.since), p.until.map { CivilDate.text($0) } ?? "", p.lowIncome ? "1" : "0", p.disabled ? "1" : "0",
            ]))
        try values.write(p.document + "\n")
        if p.name.text.count >= 3 { try values.write(p.name.text + "\n") }
        if let phone = p.phone { try values.write(phone + "\n") }
    }

    /// - Parameters:
    ///   - key: the row's key in its file; nil where the row was robbed of it.
    ///   - thing: the code of what the row is about, as in the files above.
    func row(_ file: String, key: String?, thing: String, spelling: String = "", noise: RowNoise) throws(SimulationError) {
        var members: [(String, JSONText)] = [("file", .text(file)), ("key", key.map { .text($0) } ?? .null), ("thing", .text(thing))]
        if !spelling.isEmpty { members.append(("spelling", .text(spelling))) }
        if !noise.applied.isEmpty { members.append(("noise", .array(noise.applied.map { .text($0.rawValue) }))) }
        try rows.write(JSONText.object(members).written + "\n")
    }

    func sameIncident(_ number: Int, _ reports: [(file: String, key: String)]) throws(SimulationError) {
        let list = reports.map { JSONText.object([("file", .text($0.file)), ("key", .text($0.key))]) }
        try incidents.write(JSONText.object([("incident", .number(String(number))), ("reports", .array(list))]).written + "\n")
    }

    func finish(_ world: World) throws(SimulationError) {
        for file in [persons, households, dwellings, rows, incidents, values] { try file.finish() }
        let summary = try OutputFile(folder + "/summary.json")
        let noise = Noise.allCases.filter { world.noise.contains($0) }.map { JSONText.text($0.rawValue) }
        try summary.write(
            JSONText.object([
                ("seed", .text(String(world.layout.seed))), ("as_of", .text(CivilDate.text(CivilDate.today))),
                ("households", .number(String(world.layout.households))), ("residents", .number(String(residents))),
                ("compounds", .number(String(world.layout.compounds.count))), ("buildings", .number(String(world.layout.buildings.count))),
                ("dwellings", .number(String(world.layout.homeCount))), ("vacant_dwellings", .number(String(vacantHomes))),
                ("noise", .array(noise)),
            ]).written + "\n")
        try summary.finish()
    }
}
