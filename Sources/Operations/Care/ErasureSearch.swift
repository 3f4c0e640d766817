import EventLog
import Foundation
import PostgresClient

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Looks for what was erased, everywhere: the proof that an erasure gives.
package struct ErasureSearch {
    /// What was searched, and how often something was found.
    package struct Finding: Sendable, Hashable, Codable {
        package let place: String
        /// How much was looked through.
        package let searched: String
        package let found: Int
    }

    /// In the clear, UTF-8, and as the hexadecimal digits of a `bytea`.
    private let needles: [[UInt8]]
    private let sealed: [[UInt8]]

    /// - Parameters:
    ///   - values: of the person, as they were before the erasure.
    ///   - keys: names of the destroyed keys; a value sealed under one may stand in the log alone.
    package init(values: [String], keys: [String]) {
        // A text of one or two letters is everybody's.
        let texts = Set(values).map { Array($0.utf8) }.filter { $0.count >= 4 }.sorted { $0.lexicographicallyPrecedes($1) }
        needles = texts + texts.map { Array($0.hexadecimal.utf8) }
        sealed = keys.sorted().map { Array("sealed:\($0):".utf8) }
    }

    /// Every table of the hub and of every generation of the twin, row by row, as a dump would read them.
    package func tables(on owner: Connection) throws -> [Finding] {
        let rows = try owner.query(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)' ORDER BY 1
            """)
        let names = (0..<rows.count).compactMap { rows.text($0, 0) }
        var log = (facts: 0, clear: 0, sealed: 0), others = (rows: 0, found: 0)
        for name in names {
            let isLog = name.hasPrefix("hub.event_") && name != "hub.event_type"
            let column = isLog ? "payload" : "t"
            try owner.copyOut("COPY (SELECT \(column)::text FROM \(name) t) TO STDOUT") { line in
                let clear = needles.contains { Self.contains(line, $0) }, isSealed = sealed.contains { Self.contains(line, $0) }
                if isLog {
                    log.facts += 1
                    if clear { log.clear += 1 }
                    if isSealed { log.sealed += 1 }
                } else {
                    others.rows += 1
                    if clear || isSealed { others.found += 1 }
                }
            }
        }
        return [
            Finding(place: "the log, in the clear", searched: "\(log.facts) facts", found: log.clear),
            Finding(place: "all other tables, twin and quarantine among them", searched: "\(others.rows) rows of \(names.count) tables", found: others.found),
        ]
    }

    /// Every file below a folder, byte by byte; nil where it cannot be read from here.
    package func files(in folder: String, _ place: String) -> Finding? {
        guard let all = FileManager.default.enumerator(atPath: folder) else { return nil }
        var count = 0, bytes = 0, found = 0
        for case let name as String in all {
            let path = "\(folder)/\(name)"
            var facts = stat()
            guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { continue }
            // The server removes files while we look.
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { continue }
            count += 1
            bytes += data.count
            if data.withUnsafeBytes({ bytes in needles.contains { Self.contains(bytes, $0) } }) { found += 1 }
        }
        return Finding(place: place, searched: "\(count) files, \(sizeText(bytes))", found: found)
    }

    private static func contains(_ bytes: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard let start = bytes.baseAddress, let first = needle.first else { return false }
        var rest = bytes[...]
        while rest.count >= needle.count, let hit = memchr(start + rest.startIndex, Int32(first), rest.count - needle.count + 1) {
            if memcmp(hit, needle, needle.count) == 0 { return true }
            rest = bytes[(UnsafeRawPointer(hit) - start + 1)...]
        }
        return false
    }
}
