import Foundation
import RecordFormats

/// One thing that `adapter check` found.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// How bad it is.
    package enum Severity: String, Sendable {
        /// The adapter must not run like this.
        case error
        /// Somebody should look at it.
        case warning
    }
    package let severity: Severity
    package let message: String
    package let file: String
    package let line: Int?

    package var description: String { "\(file)\(line.map { ":\($0)" } ?? ""): \(severity.rawValue): \(message)" }
}

/// Everything that can be said about an adapter without a database; `source` asks its source, too.
package enum AdapterCheck {
    /// Checks the manifest, its contracts and the columns of its samples.
    package static func run(folder: String) -> [Finding] {
        let manifest: Manifest
        do throws(AdapterError) {
            manifest = try Manifest.read(folder: folder)
        } catch {
            let hint = error.hint.map { " " + $0 } ?? ""
            return [Finding(severity: .error, message: error.message + hint, file: error.file ?? folder, line: error.line)]
        }
        var findings = contractFaults(manifest)
        let last = URL(fileURLWithPath: folder).lastPathComponent
        if last != manifest.name {
            findings.append(Finding(severity: .error, message: "The adapter is called \"\(manifest.name)\", its folder \"\(last)\".", file: manifest.file, line: nil))
        }
        for stream in manifest.streams {
            findings += payloads(stream, manifest)
            findings += columns(stream, manifest)
        }
        for name in ["README.md", "expected.ndjson"] where !FileManager.default.fileExists(atPath: folder + "/" + name) {
            findings.append(Finding(severity: .warning, message: "The adapter has no \(name).", file: manifest.file, line: nil))
        }
        return findings
    }

    /// Kinds of the subjects of events that are not named after them.
    private static let subjects: [String: [String]] = [
        "observations": ["sensor"], "resident": ["person"], "benefit": ["person"], "care": ["person"], "death": ["person"],
        "occupancy": ["dwelling", "person"],
    ]

    private static func contractFaults(_ manifest: Manifest) -> [Finding] {
        Contracts.shipped.faults.map { Finding(severity: .error, message: "A contract is broken: \($0).", file: manifest.file, line: nil) }
    }

    /// Events without payload must fit their contracts; members that no contract knows are probably mistyped.
    private static func payloads(_ stream: Stream, _ manifest: Manifest) -> [Finding] {
        var findings: [Finding] = []
        func add(_ severity: Finding.Severity, _ message: String, _ line: Int) {
            findings.append(Finding(severity: severity, message: "Stream \"\(stream.name)\": \(message)", file: manifest.file, line: line))
        }
        func unknown(_ members: [NamedExpression], _ event: String, _ version: Int, _ line: Int) {
            guard let contract = Contracts.shipped[event, version] else { return }
            for member in members where !contract.propertyNames.contains(member.name) {
                let nearest = nearestWord(to: member.name, in: contract.propertyNames).map { "; the nearest one that it knows is \"\($0)\"" } ?? ""
                add(.warning, "the contract of \(event) does not know the member \"\(member.name)\"\(nearest).", line)
            }
        }
        func empty(_ event: String, _ line: Int) {
            guard let violation = Contracts.shipped[event, 1]?.violation(in: .object([])) else { return }
            add(.error, "\(event) is told without a payload, but its contract asks for one: \(violation)", line)
        }
        /// `building.described` is about a `building/…`.
        func subject(_ expression: Expression, _ event: String, _ line: Int) {
            guard case .template(let parts) = expression, case .literal(let head)? = parts.first, let slash = head.firstIndex(of: "/") else { return }
            let kind = String(head[..<slash])
            let own = String(event.prefix { $0 != "." })
            let kinds = Self.subjects[own] ?? [own]
            guard !kinds.contains(kind) else { return }
            add(.error, "\(event) is about a \(kinds.map { "\($0)/…" }.joined(separator: " or a ")), and its subject is a \(kind)/….", line)
        }
        if let removed = stream.removed {
            empty(removed.event, stream.line)
            if let expression = removed.subject { subject(expression, removed.event, stream.line) }
        }
        for fact in stream.facts {
            subject(fact.subject, fact.event, fact.line)
            if case .event(let event, _, _)? = fact.undone { subject(fact.subject, event, fact.line) }
            if let removed = fact.removed, stream.removed?.subject == nil { subject(fact.subject, removed, fact.line) }
            unknown(fact.payload, fact.event, fact.version, fact.line)
            if let removed = fact.removed { empty(removed, fact.line) }
            if case .event(let event, _, let payload)? = fact.undone {
                if payload.isEmpty { empty(event, fact.line) } else { unknown(payload, event, 1, fact.line) }
            }
        }
        return findings
    }

    /// The paths of an object's members, and of the objects in an array.
    private static func addNames(in value: Value, below path: String, to names: inout Set<String>) {
        switch value {
        case .object(let members):
            for member in members {
                names.insert(path + "." + member.name)
                addNames(in: member.value, below: path + "." + member.name, to: &names)
            }
        case .array(let elements): for element in elements { addNames(in: element, below: path, to: &names) }
        case .null, .bool, .number, .text: break
        }
    }

    /// Reads the samples for their columns: personal ones must be declared, and in a stream with protected ones nothing may be overlooked.
    private static func columns(_ stream: Stream, _ manifest: Manifest) -> [Finding] {
        var findings: [Finding] = []
        func add(_ severity: Finding.Severity, _ message: String) {
            findings.append(Finding(severity: severity, message: "Stream \"\(stream.name)\": \(message)", file: manifest.file, line: stream.line))
        }
        var delivered: Set<String> = []
        var nested: Set<String> = []
        var values = PersonalValues()
        var read = false
        do {
            let input = try SamplePull(manifest: manifest).sampleInput(stream)
            try input.forEach { outcome, _ in
                guard case .record(let record) = outcome else { return }
                delivered.formUnion(record.shape.names)
                values.note(record)
                for (name, value) in zip(record.shape.names, record.values) { addNames(in: value, below: name, to: &nested) }
            }
            read = true
        } catch let error as AdapterError {
            add(.warning, "the samples cannot be read. \(error)")
        } catch {
            add(.warning, "the samples cannot be read. \(error)")
        }
        let used = Set(stream.scope.names)
        let declared = Set(stream.personal.keys)
        let personal = PersonalColumns(stream)
        for column in delivered.union(nested).union(used).sorted() {
            if let suspect = personal.suspect(column) { add(.error, suspect.sentence) }
        }
        for (column, family) in values.suspects where personal.suspect(column) == nil && !personal.isDeclared(column) {
            add(.error, PersonalColumns.Suspect(column: column, family: "\(family), by its values").sentence)
        }
        guard read else { return findings }
        let reached = used.union(used.compactMap { name in name.split(separator: ".").first.map(String.init) })
        if stream.personal.values.contains(where: \.changesValue) {
            for column in delivered.sorted()
            where !reached.contains(column) && !declared.contains(column) && !stream.ignored.contains(column) && stream.spread?.takes(column) != true {
                if PersonalNames.family(of: column) != nil { continue }
                add(.error, "the column \"\(column)\" is neither used nor personal. In a stream with personal columns name it under \"personal\" or \"ignore\".")
            }
        }
        for column in used.subtracting(stream.spread?.madeColumns ?? []).sorted() where !delivered.contains(column) && !column.contains(".") && !delivered.isEmpty {
            let nearest = nearestWord(to: column, in: delivered.sorted()).map { "; the nearest one is \"\($0)\"" } ?? ""
            add(.warning, "no record of the samples has the column \"\(column)\"\(nearest).")
        }
        return findings
    }
}
