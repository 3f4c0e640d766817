/// Civil affairs' table of benefits and care, as SQL that makes it in a database of its own: people over 80, old people
/// living alone, low income, disability. One row a person and benefit. Any PostgreSQL client can run the file.
///
/// Beside it the same rows as CSV, as `COPY (query) TO … CSV HEADER` of the adapter's query gives them: what the adapter
/// is tested with where no database is at hand.
final class CivilAffairs {
    private let world: World
    private let file: OutputFile
    private let export: OutputFile
    private var batch: [String] = []
    private static let path = "civil-affairs/civil_affairs.sql"
    private static let table = "care_recipient"
    private static let styles: [(AddressStyle, Int)] = [
        (.short, 40), (.official, 25), (.chineseNumerals, 15), (.buildingTower, 12), (.brackets, 8),
    ]

    init(_ world: World, folder: String) throws(SimulationError) {
        self.world = world
        file = try OutputFile(folder + "/" + Self.path)
        export = try OutputFile(folder + "/civil-affairs/care_recipient.csv")
        try export.write(
            "record_no,name,id_number,sex,birth_year,phone,address,building_code,category,benefit,granted_on,stopped_on,updated_at\n")
        try file.write(
            """
            -- Invented people: written by “twinhub simulate”.
            CREATE TABLE care_recipient (
                record_no     text PRIMARY KEY,
                name          text,
                id_number     text,
                sex           text,
                birth_date    date,
                phone         text,
                address       text,
                building_code text,
                category      text NOT NULL,
                benefit       text NOT NULL,
                granted_on    date NOT NULL,
                stopped_on    date,
                updated_at    timestamptz NOT NULL
            );
            COMMENT ON TABLE care_recipient IS '民政：高龄、独居、低保、残疾人员及其补贴';
            COMMENT ON COLUMN care_recipient.building_code IS '楼栋地址编码 (the police register''s), where known';
            CREATE INDEX care_recipient_updated_at ON care_recipient (updated_at);

            """)
    }

    func household(_ household: Household) throws(SimulationError) {
        let alone = household.residents.count == 1
        for person in household.people where person.fate != .absentOwner && person.category == .permanent {
            // The dead and those who moved away keep their benefit only where nobody struck them off.
            let here = person.fate == .resident || person.fate == .registeredOnly
            var benefits: [(category: String, benefit: String, since: Int)] = []
            if person.age >= 80 { benefits.append(("高龄", "高龄津贴", person.birth + 80 * 365 + 20)) }
            if here, alone, person.age >= 65 { benefits.append(("独居", "居家养老服务", max(person.since, CivilDate.today - 1400))) }
            if person.lowIncome { benefits.append(("低保", "最低生活保障", max(person.since, CivilDate.today - 900))) }
            if person.disabled { benefits.append(("残疾", "残疾人两项补贴", max(person.since, CivilDate.today - 2500))) }
            for (ordinal, entry) in benefits.enumerated() {
                try write(person, household, ordinal: ordinal, entry.category, entry.benefit, since: min(entry.since, CivilDate.today - 20))
            }
        }
    }

    private func write(_ person: Person, _ household: Household, ordinal: Int, _ category: String, _ benefit: String, since: Int)
        throws(SimulationError)
    {
        let number = person.index * 4 + ordinal
        var row = world.rowNoise(.civilAffairs, number)
        guard !row.strikes(.missingPerson, permille: 130) else { return }
        let key = "MZ" + CivilDate.padded(number + 1, 9)
        var name = person.name.text
        if row.strikes(.swappedName, permille: 20) { name = person.name.miswritten.text }
        var document = person.document
        if row.strikes(.transposedDigits, permille: 15) { document = world.transposed(document, row) }
        let building = world.layout.buildings[household.home.building]
        var code: String? = building.policeCode
        if row.strikes(.blankCell, permille: 150) {
            code = nil
        } else if row.strikes(.wrongBuildingCode, permille: 20) {
            code = world.layout.neighbour(of: building).policeCode
        }
        let spelling = world.spelling(world.layout.address(of: household.home), Self.styles, &row)
        var stopped: Int?
        if let until = person.until, !row.strikes(.staleEntry, permille: 350) { stopped = max(until + 30, since + 1) }
        var draw = Draw(world.seed, .careRow, number)
        let updated = ((stopped ?? since) + draw.below(5)) * 86_400 + draw.between(30_000...61_000)
        let cells: [String?] = [
            key, name, document, person.sex, CivilDate.text(person.birth), person.phone, spelling, code, category, benefit,
            CivilDate.text(since), stopped.map { CivilDate.text($0) }, CivilDate.iso(updated),
        ]
        batch.append("(" + cells.map(Self.literal).joined(separator: ", ") + ")")
        try export.write(
            csvLine([
                key, name, document, person.sex, String(CivilDate.parts(person.birth).year), person.phone ?? "", spelling, code ?? "",
                category, benefit,
                CivilDate.text(since), stopped.map { CivilDate.text($0) } ?? "", CivilDate.clock(updated - 8 * 3600) + "+00",
            ]))
        try world.truth.row(Self.path, key: key, thing: person.code, spelling: spelling, noise: row)
        if batch.count == 200 { try flush() }
    }

    private static func literal(_ text: String?) -> String {
        guard let text else { return "NULL" }
        return "'" + text.replacing("'", with: "''") + "'"
    }

    private func flush() throws(SimulationError) {
        guard !batch.isEmpty else { return }
        try file.write("INSERT INTO \(Self.table) VALUES\n" + batch.joined(separator: ",\n") + ";\n")
        batch.removeAll(keepingCapacity: true)
    }

    func finish() throws(SimulationError) {
        try flush()
        try export.finish()
        try file.finish()
    }
}
