import EventLog
import PostgresClient
import Projections

/// What is held of readings: by series (sensor and property), so that a reading costs a few words and no key.
final class ObservationFold {
    private struct Reading {
        var at_us: Int64
        /// NaN is a reading without a value: JSON has no NaN of its own.
        var value: Double
        var position: Int64
        var unit: UInt32
        var quality: UInt32
    }

    private struct Series {
        var sourceID: Int32
        var sensorLength: Int
        var readings: [Reading] = []
        var isSorted = true
    }

    private var keys = ByteTable()
    private var series: [Series] = []
    /// Units and qualities: few, so held once. Number 0 is none.
    private var words = ByteTable()
    private var scratch: [UInt8] = []
    private var count = 0
    private var filled = FilledTable("observation", key: "sensor_id, observed_property, observed_at")

    var heldBytes: Int { count * MemoryLayout<Reading>.stride + series.count * MemoryLayout<Series>.stride + keys.heldBytes }

    init() { forget() }

    var isEmpty: Bool { count == 0 }

    /// - Parameter id: of the sensor.
    /// - Returns: the time of the newest reading in it.
    func take(_ id: UnsafeRawBufferPointer, _ fact: Fact) -> Timestamp? {
        let payload = Payload(JSONView(fact.payload), source: [])
        guard let times = payload["times"], let values = payload["values"] else { return nil }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: id)
        scratch.append(0)
        scratch.append(contentsOf: payload["property"]?.text ?? [])
        let index = scratch.withUnsafeBytes { keys.index(of: $0) }
        if index == series.count { series.append(Series(sourceID: fact.sourceID, sensorLength: id.count)) }

        let unit = number(of: payload["unit"]), quality = payload["quality"]
        let shared = quality?.kind == .text ? number(of: quality) : 0
        let start = series[index].readings.count
        // Where the readings of the payload stand: those whose time is no time are left out below.
        var stands: [Int] = []
        var newest: Timestamp?
        times.elements { time in
            guard let at = time.moment else { return stands.append(-1) }
            stands.append(series[index].readings.count)
            newest = max(newest ?? at, at)
            if let last = series[index].readings.last, at.microseconds <= last.at_us { series[index].isSorted = false }
            series[index].readings.append(
                Reading(
                    at_us: at.microseconds, value: .nan, position: fact.position, unit: unit, quality: shared))
        }
        var ordinal = 0
        values.elements { value in
            defer { ordinal += 1 }
            guard ordinal < stands.count, stands[ordinal] >= 0, let number = value.double else { return }
            series[index].readings[stands[ordinal]].value = number
        }
        ordinal = 0
        if let quality, quality.kind == .array {
            quality.elements { word in
                defer { ordinal += 1 }
                guard ordinal < stands.count, stands[ordinal] >= 0 else { return }
                series[index].readings[stands[ordinal]].quality = number(of: word)
            }
        }
        count += series[index].readings.count - start
        return newest
    }

    private func number(of word: JSONView?) -> UInt32 {
        guard let text = word?.text else { return 0 }
        return UInt32(text.withUnsafeBytes { words.index(of: $0) })
    }

    /// Takes what is held, ready to be merged, and forgets it.
    func stage() -> Work {
        guard !isEmpty else { return Work { _ in } }
        defer { forget() }
        let rows = EncodedRows(Self.columns)
        for index in keys.sorted() { rows.addGroup { write(seriesAt: index, into: &$0) { _ in } } }
        return Work { connection in
            try connection.execute(TwinSQL.temporary("stage_observation", like: "observation"))
            try rows.copy(into: "stage_observation", on: connection)
            try connection.execute(Self.mergeStatement)
        }
    }

    /// Writes what is held to a table that nobody reads yet, and forgets it.
    func fill(on connection: Connection) throws {
        guard !isEmpty else { return }
        if filled.isKeyed { return try stage().run(connection) }
        try filled.fill(on: connection) { try copy(on: connection) }
        forget()
    }

    /// Makes what the table lacks still.
    func finish(on connection: Connection) throws { try filled.finish(on: connection) }

    private func forget() {
        keys = ByteTable()
        series = []
        words = ByteTable()
        _ = words.index(of: UnsafeRawBufferPointer(start: nil, count: 0))
        count = 0
    }

    /// By sensor, property and time.
    private func copy(on connection: Connection) throws {
        try connection.copyRows(into: "observation", Self.columns, frozen: true) { rows, sent in
            for index in keys.sorted() { try write(seriesAt: index, into: &rows, sent) }
        }
    }

    /// Writes a series' rows; calls `sent` after each.
    private func write(seriesAt index: Int, into rows: inout BinaryCopyWriter, _ sent: (inout BinaryCopyWriter) throws -> Void) rethrows {
        Self.settle(&series[index])
        let key = keys[index]
        let sensor = key.prefix(series[index].sensorLength), property = key.dropFirst(series[index].sensorLength + 1)
        for reading in series[index].readings {
            write(reading, sensor: sensor, property: property, sourceID: series[index].sourceID, into: &rows)
            try sent(&rows)
        }
    }

    /// Sorts a series by time; of several tellings of one time the last stays. Static: a method would hold a copy of
    /// `self`, and with it a second reference to every series, and all of them would be copied for each.
    private static func settle(_ series: inout Series) {
        guard !series.isSorted else { return }
        series.readings.sort { ($0.at_us, $0.position) < ($1.at_us, $1.position) }
        var kept: [Reading] = []
        kept.reserveCapacity(series.readings.count)
        for reading in series.readings {
            if kept.last?.at_us == reading.at_us { kept.removeLast() }
            kept.append(reading)
        }
        series.readings = kept
    }

    private func write(
        _ reading: Reading, sensor: ArraySlice<UInt8>, property: ArraySlice<UInt8>, sourceID: Int32, into row: inout BinaryCopyWriter
    ) {
        row.row(columns: 8)
        row.data(sensor)
        row.data(property)
        row.timestamp(Timestamp(microseconds: reading.at_us))
        row.optional(reading.value)
        if reading.unit == 0 { row.null() } else { row.data(words[Int(reading.unit)]) }
        if reading.quality == 0 { row.null() } else { row.data(words[Int(reading.quality)]) }
        row.int4(sourceID)
        row.int8(reading.position)
    }

    private static let columns = ["sensor_id", "observed_property", "observed_at", "value", "unit", "quality", "source_id", "position"]

    private static let mergeStatement = """
        INSERT INTO observation (\(columns.joined(separator: ", "))) SELECT \(columns.joined(separator: ", ")) FROM \(TwinSQL.arrived(in: "stage_observation")) s
        ON CONFLICT (sensor_id, observed_property, observed_at) DO UPDATE
        SET value = excluded.value, unit = excluded.unit, quality = excluded.quality, source_id = excluded.source_id,
            position = excluded.position
         WHERE excluded.position > observation.position
        """
}
