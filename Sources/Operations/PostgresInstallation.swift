import Foundation
import Subprocess

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One PostgreSQL server's programs on this machine.
package struct PostgresInstallation: Sendable, Hashable {
    /// The folder that holds `postgres`, `initdb`, `psql`.
    package let programs: String
    /// 15, 16, …
    package let majorVersion: Int
    package let hasPostGIS: Bool
    /// Built with LZ4, for `wal_compression`.
    let hasLZ4: Bool

    package static let oldestMajorVersion = 15

    package func path(_ program: String) -> String { programs + "/" + program }

    /// The installation to use: of this major version where data exist already, else the newest one that has PostGIS.
    package static func find(majorVersion: Int? = nil) throws(OperationsError) -> PostgresInstallation {
        let all = everyOne()
        if let majorVersion {
            if let match = all.first(where: { $0.majorVersion == majorVersion }) { return match }
            throw OperationsError(
                .configuration, "The hub's data were made by PostgreSQL \(majorVersion), which is not installed any more.",
                advice: "Install PostgreSQL \(majorVersion) again, or upgrade the data with pg_upgrade.")
        }
        let usable = all.filter { $0.majorVersion >= oldestMajorVersion }
        if let best = usable.first(where: \.hasPostGIS) ?? usable.first { return best }
        let found = all.first.map { " (only \($0.majorVersion) was found)" } ?? ""
        throw OperationsError(
            .configuration, "No PostgreSQL server of version \(oldestMajorVersion) or newer is installed\(found).",
            advice: "Start twinhub through its launcher, which installs one, or set TWINHUB_DATABASE to a server elsewhere.")
    }

    /// Newest first.
    private static func everyOne() -> [PostgresInstallation] {
        var folders: [String] = []
        if let config = findProgram("pg_config"), let answer = try? ChildProcess.run(config, ["--bindir"]), answer.status == 0 {
            folders.append(answer.output.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        // Debian and PGDG's apt; PGDG's rpm; Homebrew on Apple silicon and Intel; built by hand.
        for pattern in [
            "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin",
            "/usr/local/pgsql/bin",
        ] { folders += expand(pattern) }
        if let server = findProgram("postgres"), let real = realPath(server) { folders.append(String(real.dropLast("/postgres".count))) }
        var seen: Set<String> = []
        return folders.compactMap { realPath($0) }.filter { seen.insert($0).inserted }.compactMap(inspect)
            .sorted { $0.majorVersion > $1.majorVersion }
    }

    private static func inspect(_ folder: String) -> PostgresInstallation? {
        guard access(folder + "/postgres", X_OK) == 0, access(folder + "/initdb", X_OK) == 0,
            let answer = try? ChildProcess.run(folder + "/postgres", ["--version"]), answer.status == 0,
            let word = answer.output.split(whereSeparator: \.isWhitespace).first(where: { $0.first?.isNumber == true }),
            let major = Int(word.prefix { $0.isNumber })
        else { return nil }
        let config = folder + "/pg_config"
        let share = access(config, X_OK) == 0 ? try? ChildProcess.run(config, ["--sharedir", "--configure"]) : nil
        let lines = share?.output.split(separator: "\n").map(String.init) ?? []
        let folders = [lines.first ?? "", "/usr/share/postgresql/\(major)"]
        return PostgresInstallation(
            programs: folder, majorVersion: major,
            hasPostGIS: folders.contains { access($0 + "/extension/postgis.control", R_OK) == 0 },
            hasLZ4: lines.last?.contains("--with-lz4") == true)
    }

    private static func expand(_ pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in found.gl_pathv[index].map { String(cString: $0) } }
    }
}
