/// The ways in which the registers of real departments disagree, each with a name of its own.
///
/// The shares are rounded from what is published about such registers (15 to 20 % stale entries in police lists,
/// tenants missing from half of the property lists, a few per cent of wrong codes) and from the traps found in open
/// exports (times out of order, rows delivered twice, words for null). Each kind can be switched off by its name, and
/// switching one off leaves every other decision as it was.
package enum Noise: String, CaseIterable, Sendable {
    /// The address is written in one of the other usual styles.
    case addressStyle = "address_style"
    /// The compound goes by another of its names.
    case compoundAlias = "compound_alias"
    /// Somebody who moved away or died is still on the list.
    case staleEntry = "stale_entry"
    /// 人户分离: registered here, lives elsewhere.
    case registeredElsewhere = "registered_elsewhere"
    /// Somebody who lives here is not on the list.
    case missingPerson = "missing_person"
    /// The same person a second time under another number, spelt a little differently.
    case nearDuplicate = "near_duplicate"
    /// The same row (same number) a second time.
    case repeatedKey = "repeated_key"
    /// The code of another building.
    case wrongBuildingCode = "wrong_building_code"
    /// No base-map number.
    case missingBaseMapNumber = "missing_base_map_number"
    /// The base-map number of a neighbouring building.
    case wrongBaseMapNumber = "wrong_base_map_number"
    /// The row stands later in the file than its time.
    case lateRow = "late_row"
    /// Two neighbouring digits are exchanged.
    case transposedDigits = "transposed_digits"
    /// The characters of the given name are exchanged, or one is replaced by one that sounds the same.
    case swappedName = "swapped_name"
    /// A cell is empty.
    case blankCell = "blank_cell"
    /// A date in a form the column does not have.
    case oddDate = "odd_date"
    /// A later step carries an earlier time.
    case disorderedTimes = "disordered_times"
    /// A step is missing although a later one is there.
    case skippedStep = "skipped_step"
    /// The line is broken: an undecodable byte, a cell too few, or no key.
    case damagedLine = "damaged_line"
    /// The number of occupants is wrong.
    case occupantMiscount = "occupant_miscount"
    /// A word instead of an absent value: 暂无资料.
    case nullWord = "null_word"
    /// An area with its unit in the cell, in several spellings.
    case areaText = "area_text"
    /// A name and a phone number inside free text.
    case personalInText = "personal_in_text"
    /// A reading delivered twice.
    case repeatedReading = "repeated_reading"
    /// A reading without a value.
    case missingReading = "missing_reading"
    /// A sensor that reports one value for ever.
    case stuckSensor = "stuck_sensor"

    /// The stream number; part of the output, so it follows the name and not the order of the cases.
    var topic: UInt64 {
        rawValue.utf8.reduce(Draw.Topic.noise.rawValue) { ($0 &* 1_099_511_628_211) ^ UInt64($1) }
    }
}

/// Which kinds of noise a run applies.
package struct NoiseSet: Sendable {
    package var kinds: Set<Noise>
    package static let all = NoiseSet(kinds: Set(Noise.allCases))
    package static let none = NoiseSet(kinds: [])

    package init(kinds: Set<Noise>) { self.kinds = kinds }

    /// All kinds without the named ones.
    /// - Throws: a configuration error that lists the names, if one is unknown.
    package init(without names: [String]) throws(SimulationError) {
        var kinds = Set(Noise.allCases)
        for name in names {
            guard let noise = Noise(rawValue: name) else {
                throw SimulationError(
                    .configuration, "There is no noise called “\(name)”.", location: "--without",
                    advice: "Use one of: \(Noise.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            kinds.remove(noise)
        }
        self.kinds = kinds
    }

    package func contains(_ noise: Noise) -> Bool { kinds.contains(noise) }
}

/// The noise of one row: asks for each kind and remembers which was applied, for the truth files.
struct RowNoise {
    let seed: UInt64
    let set: NoiseSet
    let source: Int
    let row: Int
    private(set) var applied: [Noise] = []

    init(seed: UInt64, set: NoiseSet, source: Int, row: Int) {
        self.seed = seed
        self.set = set
        self.source = source
        self.row = row
    }

    /// A stream of this row's own for one kind of noise.
    func draw(_ noise: Noise) -> Draw { Draw(seed, raw: noise.topic, row, source) }

    /// Whether the noise strikes this row; remembered if it does.
    mutating func strikes(_ noise: Noise, permille: Int) -> Bool {
        guard set.contains(noise) else { return false }
        var draw = draw(noise)
        guard draw.chance(permille) else { return false }
        applied.append(noise)
        return true
    }

    mutating func note(_ noise: Noise) { if !applied.contains(noise) { applied.append(noise) } }
}
