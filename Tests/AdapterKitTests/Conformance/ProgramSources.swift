import AdapterKit
import Foundation
import Subprocess

// Scripts are handed to the shell by name: one that was just written may be open in a child of another test, and could not be started itself.

/// A program that prints lines of JSON: all of them, or, in `append`, an output that only grows.
final class CommandSource: ConformingSource {
    let folder: SourceFolder
    private let isAppended: Bool
    private var lines: [String] = []
    private var delivered: Set<SourceRecord> = []

    init(isAppended: Bool) throws {
        self.isAppended = isAppended
        folder = try SourceFolder(
            ConformanceKind.manifest(input: "{ kind: 'command', run: ['/bin/sh', 'pull.sh'], format: 'ndjson' }", mode: isAppended ? "append" : "snapshot"))
        try folder.tap("exec cat out/rows.ndjson", as: "pull.sh")
    }

    func deliver(_ delivery: Delivery) throws {
        let pieces = TextSource.Form.ndjson.pieces(delivery)
        if isAppended {
            lines += zip(delivery.records, pieces).filter { delivered.insert($0.0).inserted }.map(\.1)
        } else {
            lines = pieces
        }
        try folder.write(lines.joined(), to: "out/rows.ndjson")
    }

    /// The program fails.
    func takeDown() throws { try folder.move("out", to: "away") }
    func bringBack() throws { try folder.move("away", to: "out") }
    func refusal(ofRecord index: Int) -> String { "\(index + 1) syntax" }

    func hang() throws -> Bool {
        try folder.tap("head -1 out/rows.ndjson; exec sleep 600", as: "pull.sh")
        return true
    }
}

/// A pipe with lines of JSON, as a program before it fills it. It holds the whole list (64 KiB at most).
///
/// A pipe cannot be asked to go on where a run was killed: what is gone from it is gone. "Resumed" means that the export is piped in again,
/// and that what was told of it already is not told a second time.
final class PipeSource: ConformingSource {
    let folder: SourceFolder
    private var text = ""
    private var isDown = false
    private var hanging: Int32?

    /// A program that fails says nothing to the one behind the pipe, which sees an empty input: an error of the data.
    var errorsWhenDown: Set<AdapterError.Kind> { [.data] }

    init() throws {
        folder = try SourceFolder(ConformanceKind.manifest(input: "{ kind: 'stdin', format: 'ndjson' }", mode: "snapshot", guarded: ", max_ratio: 0.05"))
    }

    deinit { if let hanging { close(hanging) } }

    func openStandardInput() throws -> Int32? {
        let (reading, writing) = try ChildProcess.pipeEnds()
        let bytes = isDown ? [] : Array(text.utf8)
        guard write(writing, bytes, bytes.count) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
        if hanging == -1 { hanging = writing } else { close(writing) }
        return reading
    }

    func deliver(_ delivery: Delivery) throws { text = TextSource.Form.ndjson.pieces(delivery).joined() }
    func takeDown() throws { isDown = true }
    func bringBack() throws { isDown = false }
    func refusal(ofRecord index: Int) -> String { "\(index + 1) syntax" }

    /// The writing end stays open.
    func hang() throws -> Bool {
        hanging = -1
        return true
    }
}

/// A Singer tap. It sends a STATE behind every seventh line; an incremental one goes on from there, the other one sends the full table under a
/// new version each time, and activates it at the end.
final class TapSource: ConformingSource {
    let folder: SourceFolder
    private let isIncremental: Bool
    private var lines: [String] = []
    private var delivered: Set<SourceRecord> = []

    private static let linesBetweenStates = 7

    init(isIncremental: Bool) throws {
        self.isIncremental = isIncremental
        folder = try SourceFolder(
            ConformanceKind.manifest(
                input: "{ kind: 'singer', run: ['/bin/sh', 'tap.sh'], catalog: 'none' }", mode: isIncremental ? "incremental" : "snapshot"))
        try folder.write(Self.sending, to: "send.awk")
        try folder.tap(
            """
            while [ $# -gt 0 ]; do [ "$1" = --state ] && state=$2; shift; done
            [ -z "$state" ] || from=$(sed 's/[^0-9]//g' "$state")
            version=$(($(cat version 2> /dev/null || echo 0) + 1)); echo $version > version
            cat out/schema.singer || exit 1
            exec awk -v from="\(isIncremental ? "${from:-0}" : "0")" -v version=$version -v every=\(Self.linesBetweenStates) -f send.awk out/rows.singer
            """)
    }

    private static let sending = #"""
        function state() { print "{\"type\":\"STATE\",\"value\":{\"bookmarks\":{\"cases\":{\"line\":" NR "}}}}" }
        NR > from { if (sub(/VERSION/, version)) full = 1; print; if (NR % every == 0) state() }
        END { state(); if (full) print "{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"cases\",\"version\":" version "}" }

        """#

    func deliver(_ delivery: Delivery) throws {
        let properties = (["no"] + delivery.columns).map { "\"\($0)\":{}" }.joined(separator: ",")
        try folder.write(
            "{\"type\":\"SCHEMA\",\"stream\":\"cases\",\"key_properties\":[\"no\"],\"schema\":{\"properties\":{\(properties)}}}\n",
            to: "out/schema.singer")
        // The broken line is the same in every version.
        let end = isIncremental ? "}" : ",\"version\":VERSION}"
        let messages = delivery.records.enumerated().map { index, record in
            let members = delivery.columns.map { ",\"\($0)\":\"\(delivery.value($0, of: record))\"" }.joined()
            return "{\"type\":\"RECORD\",\"stream\":\"cases\",\"record\":{\"no\":\(record.no)\(members)}\(index == delivery.broken ? "" : end)\n"
        }
        if isIncremental {
            lines += zip(delivery.records, messages).filter { delivered.insert($0.0).inserted }.map(\.1)
        } else {
            lines = messages
        }
        try folder.write(lines.joined(), to: "out/rows.singer")
    }

    /// The tap fails.
    func takeDown() throws { try folder.move("out", to: "away") }
    func bringBack() throws { try folder.move("away", to: "out") }
    /// Behind the SCHEMA and the STATEs before it.
    func refusal(ofRecord index: Int) -> String { "\(index + 2 + index / Self.linesBetweenStates) syntax" }

    func hang() throws -> Bool {
        try folder.tap("cat out/schema.singer; exec sleep 600")
        return true
    }
}
