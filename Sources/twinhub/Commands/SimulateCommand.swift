import Simulation

/// `twinhub simulate`: the departments' files of an invented population in real buildings.
struct SimulateCommand: Command {
    static let name = "simulate"
    static let abstract = "Write the files that eight departments would deliver of a simulated neighbourhood."
    static let discussion = """
        The same buildings, seed and number of households give the same bytes. The truth that the registers blur is
        written beside them, in truth/, which no adapter reads. Nobody in it is real.
        """
    static let buildings = Option("buildings", value: "FILE", "The base map: GeoJSON of buildings, as in Adapters/osm-buildings/samples.", required: true)
    static let seed = Option("seed", value: "N", "Same seed, same files.", default: "42")
    static let households = Option("households", value: "N", "How many households live there: about 2.4 residents each.", required: true)
    static let out = Option("out", value: "DIR", "Where the files go: a folder for each department, and truth.", required: true)
    static let arguments: [any Argument] = [buildings, seed, households, out]

    static func run(_ input: ParsedArguments, _ context: Context) throws -> ExitCode {
        let seed = try input.integer(seed, in: 0...Int.max)
        let households = try input.integer(households, in: Neighbourhood.householdRange)
        let directory = try input.required(out)
        let footprints = try Footprint.read(geoJSON: try input.required(buildings))
        let neighbourhood = try Neighbourhood(buildings: footprints, seed: UInt64(seed), households: households)
        let bar = Progress(context.err, "homes", total: households)
        try neighbourhood.write(to: directory) { done, _ in bar.update(done) }
        bar.finish("\(Progress.grouped(households)) households written to \(directory)")
        return .success
    }
}
