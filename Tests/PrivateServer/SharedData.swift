import Foundation

/// Real deliveries, which lie beside the project and never in it: tests that need one are skipped where it is absent.
package enum SharedData {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("shared/data").path

    package static func path(_ name: String) -> String { folder + "/" + name }
    package static func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
