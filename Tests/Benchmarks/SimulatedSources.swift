import AdapterKit
import EventLog
import Foundation
import PostgresClient
import Simulation

extension BenchmarkHub {
    private static let home = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// The base map on whose buildings towns are simulated.
    static func baseMap() throws -> [Footprint] {
        let samples = home + "/Adapters/osm-buildings/samples"
        guard let map = try FileManager.default.contentsOfDirectory(atPath: samples).first(where: { $0.hasSuffix(".geojson") }) else {
            throw BenchmarkError("\(samples) holds no base map.")
        }
        return try Footprint.read(geoJSON: "\(samples)/\(map)")
    }

    /// Runs an adapter of the project's on the simulator's files; on its own samples where the simulator writes none for it.
    func pull(_ name: String, from folder: String) throws {
        let place = server.folder + "/adapters/" + name, files = FileManager.default
        try files.createDirectory(atPath: server.folder + "/adapters", withIntermediateDirectories: true)
        try files.copyItem(atPath: "\(Self.home)/Adapters/\(name)", toPath: place)
        if files.fileExists(atPath: folder + "/" + name) {
            try files.removeItem(atPath: place + "/samples")
            try files.copyItem(atPath: folder + "/" + name, toPath: place + "/samples")
        }
        let manifest = try Manifest.read(folder: place)
        let source = try Sources.register(manifest.sourceDescription, on: owner)
        _ = try AdapterRun(manifest, connection: Connection(server.conninfo(user: source.role)), keys: .forSamples).run()
    }
}
