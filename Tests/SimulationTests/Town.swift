import Foundation

@testable import Simulation

/// A town of our own for tests: 80 buildings in a grid, every third one L-shaped so that its centroid may lie outside.
enum Town {
    static let footprints: [Footprint] = (0..<80).map { index in
        let x = 12_150_000_000 + index % 10 * 60_000
        let y = 3_123_000_000 + index / 10 * 50_000
        func ring(_ corners: [(Int, Int)]) -> [Place] {
            (corners + [corners[0]]).map { Place(longitude: x + $0.0, latitude: y + $0.1) }
        }
        let box = ring([(0, 0), (30_000, 0), (30_000, 20_000), (0, 20_000)])
        let corner = ring([(0, 0), (30_000, 0), (30_000, 2_000), (2_000, 2_000), (2_000, 20_000), (0, 20_000)])
        return Footprint(id: 1_000 + index, detail: index % 2 == 0 ? "apartments" : nil, pieces: [[index % 3 == 0 ? corner : box]])
    }

    /// The project's adapters, and the real base map among them.
    static let adapters = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Adapters")
    static let baseMap = adapters.appendingPathComponent("osm-buildings/samples/shanghai_buildings.geojson")

    /// Runs the simulator into a new folder and gives the folder to the body; the folder is removed afterwards.
    static func simulated<T>(
        _ buildings: [Footprint] = footprints, seed: UInt64 = 42, households: Int = 120, noise: NoiseSet = .all, _ body: (Files) throws -> T
    ) throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinhub-town-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try Neighbourhood(buildings: buildings, seed: seed, households: households, noise: noise).write(to: folder.path)
        return try body(Files(folder: folder))
    }
}

/// The files of one run.
struct Files {
    let folder: URL

    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appendingPathComponent(path))) }

    func lines(_ path: String, encoding: String.Encoding = .utf8) throws -> [String] {
        String(decoding: try bytes(path), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Rows of a truth CSV (no quoted cells with commas are among the columns the tests read).
    func table(_ path: String) throws -> [[String: String]] {
        let lines = try lines(path)
        let header = lines[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return lines.dropFirst().map { line in
            Dictionary(uniqueKeysWithValues: zip(header, line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)))
        }
    }

    /// Lines of NDJSON as dictionaries.
    func objects(_ path: String) throws -> [[String: Any]] {
        try lines(path).map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:] }
    }

    /// The rows of a GB18030 CSV, read as bytes: cells of ASCII content are right, others are not decoded.
    func asciiRows(_ path: String) throws -> [[String]] {
        try bytes(path).split(separator: 0x0A).map { line in
            line.split(separator: 0x2C, omittingEmptySubsequences: false).map { String(decoding: $0, as: Unicode.ASCII.self) }
        }
    }

    /// Every path below the folder, sorted.
    var paths: [String] {
        get throws {
            try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path, isDirectory: &isFolder)
                    && !isFolder.boolValue
            }.sorted()
        }
    }

    /// FNV-1a over all paths and contents.
    var digest: UInt64 {
        get throws {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for path in try paths {
                for byte in Array(path.utf8) + (try bytes(path)) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            }
            return hash
        }
    }
}
