/// Reads the components of an EPANET network (EPANET 2.2 user manual, appendix C).
///
/// One record a component, nodes and links in the order of their lines, refusals after them by line. Columns:
/// - all: `section`, `id`, `tag`, `comment`, `extra` (surplus fields of the line, which EPANET ignores),
///   `flow_units` (from `[OPTIONS]`; EPANET's default is GPM; null where the unit is unknown), `headloss`;
/// - junction: `elevation`, `demand`, `pattern`; reservoir: `head`, `pattern`; tank: `elevation`, `init_level`,
///   `min_level`, `max_level`, `diameter`, `min_volume`, `volume_curve`, `overflow`; nodes: `x`, `y`;
/// - pipe: `node1`, `node2`, `length`, `diameter`, `roughness`, `minor_loss`, `status`; pump: `node1`, `node2`,
///   `parameters`, `status`; valve: `node1`, `node2`, `diameter`, `type`, `setting`, `minor_loss`, `status`;
///   links: `path`, the list of `[x, y]` from node1 over the vertices to node2.
///
/// Everything is in the network's own units and coordinates. A field that the line leaves out is null;
/// `status` is what `[STATUS]` says, else the pipe's own. `[DEMANDS]` is not read.
///
/// Coordinates may stand behind the components, so a network is held in memory as a whole, up to
/// `Limits.networkBytes`; beyond it the reader throws. The text is UTF-8; wrap the source in
/// `TranscodedBytes` for another encoding.
final class NetworkReader: RecordReader {
    private let window: ByteWindow
    private var network: Network?
    private var position = 0
    private var refusals: ArraySlice<Refusal> = []
    private var ended = false

    init(_ source: any ByteSource) { window = ByteWindow(source) }

    var columns: [String]? {
        guard network != nil else { return nil }
        var names: [String] = []
        for shape in NetworkSection.shapes.sorted(by: { $0.key < $1.key }) {
            for name in shape.value.names where !names.contains(name) { names.append(name) }
        }
        return names
    }

    func next() throws(FormatError) -> ReadOutcome? {
        guard !ended else { return nil }
        do throws(FormatError) {
            if network == nil { network = try read() }
            while let component = component() {
                if let record = network?.record(of: component) { return .record(record) }
            }
            if refusals.isEmpty { refusals = network?.takeRefusals() ?? [] }
            if let refusal = refusals.popFirst() { return .refused(refusal) }
            ended = true
            return nil
        } catch {
            ended = true
            throw error
        }
    }

    private func component() -> NetworkComponent? {
        guard let network, position < network.components.count else { return nil }
        defer { position += 1 }
        return network.components[position]
    }

    private func read() throws(FormatError) -> Network {
        var network = Network()
        var section = ""
        var total = 0
        try window.skip(utf8Mark)
        while true {
            guard let found = try window.wholeLine() else {
                guard window.count > 0 else { break }
                network.refuse(try window.refuseLine(rule: Rule.tooLong, "The line is too long."))
                continue
            }
            total += found.next
            guard total <= Limits.networkBytes else {
                throw FormatError(
                    .data, rule: Rule.tooLong, "The network is larger than \(Limits.networkBytes >> 20) MiB.", line: window.line,
                    advice: "Split the network into parts.")
            }
            let raw = Array(window.bytes[..<found.end])
            let line = window.line
            window.consume(found.next, lines: found.next > found.end ? 1 : 0)
            guard let first = raw.first(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
            if first == UInt8(ascii: "[") {
                section = NetworkSection.name(of: raw)
                if section == "end" { break }
                network.sawSection(section)
            } else if first != UInt8(ascii: ";"), NetworkSection.isRead(section) {
                network.read(raw, line: line, section: section)
            }
        }
        guard network.isNetwork else {
            throw FormatError(
                .data, rule: Rule.syntax, "The input has none of the sections of an EPANET network.",
                advice: "Check that the file is an EPANET input file and was not cut off.")
        }
        network.finish()
        return network
    }
}
