/// A simulated neighbourhood on the buildings of a real map, and the registers that eight departments keep of it.
///
/// Everything in it is invented except the buildings and the names of roads. The same buildings, seed and number of
/// households give the same bytes, on any platform and at any time. A household is made, written into every register,
/// and forgotten: memory depends on the number of buildings, but for a few bytes a report (`TroublesUnderWay`).
package struct Neighbourhood {
    /// Limits of a run: about 100 to 2,000,000 residents. Above, ID and phone numbers would repeat.
    package static let householdRange = 40...830_000

    private let layout: Layout
    private let noise: NoiseSet

    /// - Parameters:
    ///   - buildings: the base map; residential ones are used first, others where those are too few.
    ///   - seed: any number.
    ///   - households: within `householdRange`.
    ///   - noise: the kinds of noise to apply; all unless told.
    /// - Throws: a configuration error for a number outside the range; a data error where no building has a footprint.
    package init(buildings: [Footprint], seed: UInt64, households: Int, noise: NoiseSet = .all) throws(SimulationError) {
        guard Neighbourhood.householdRange.contains(households) else {
            throw SimulationError(
                .configuration, "A neighbourhood of \(households) households cannot be made.", location: "--households",
                advice: "Use \(Neighbourhood.householdRange.lowerBound) to \(Neighbourhood.householdRange.upperBound).")
        }
        layout = try Layout(footprints: buildings, seed: seed, households: households)
        self.noise = noise
    }

    /// Writes the departments' files and `truth/` below a folder, which is made where it is absent; files of an earlier run are replaced.
    ///
    /// - Parameters:
    ///   - progress: called now and then with the number of households done and of all.
    /// - Throws: a configuration error where the folder cannot be written, a transient one where the disk is full.
    package func write(to directory: String, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }) throws(SimulationError) {
        let truth = try TruthFiles(folder: directory + "/truth")
        let world = World(layout: layout, noise: noise, truth: truth)
        try truth.places(layout)
        let police = try PoliceRegister(world, folder: directory)
        let property = try PropertyManager(world, folder: directory)
        let civil = try CivilAffairs(world, folder: directory)
        let visits = try GridVisits(world, folder: directory)
        let cards = try AccessCards(world, folder: directory)
        try property.places()
        try visits.cells()
        for building in layout.buildings {
            try police.building(building)
            for index in building.homes {
                let home = layout.home(index, in: building)
                let household = home.household.map { world.maker.household(in: home, index: $0) }
                try truth.home(home, household, in: layout)
                try property.home(home, household)
                if let household {
                    try police.household(household)
                    try civil.household(household)
                    try visits.household(household)
                    try cards.household(household)
                }
                if let number = home.household, number % 500 == 0 { progress(number, layout.households) }
            }
        }
        try police.finish()
        try property.finish()
        try civil.finish()
        try visits.finish()
        try cards.finish()
        try Hotline(world: world).write(folder: directory)
        try PoliceIncidents(world: world).write(folder: directory)
        try IncidentReports(world: world).write(folder: directory)
        try BuildingSensors(world, folder: directory).write()
        try truth.finish(world)
        progress(layout.households, layout.households)
    }
}
