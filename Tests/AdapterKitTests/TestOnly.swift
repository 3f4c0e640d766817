import Foundation

/// Files that lie beside the project and never in it.
enum TestOnly {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/data/test-only").path

    static func path(_ name: String) -> String { folder + "/" + name }
    static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
