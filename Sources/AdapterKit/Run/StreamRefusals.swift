import EventLog
import RecordFormats

// What is refused, and how it is kept.
extension StreamPull {
    /// A record that is refused before it is looked at is known, and has not vanished; one without a key may be any.
    func meetRefused(_ record: Record) {
        guard stream.mode != .append else { return }
        if let key = try? mapper.key(record) { _ = table.meet(key) } else { unreadable += 1 }
    }

    func refuse(_ record: Record, _ place: InputPlace, _ refused: Refused) throws {
        if refused.fails {
            throw AdapterError(
                .data, "Stream \"\(stream.name)\": \(refused.message) The manifest lets the run fail for it.", file: place.name, line: record.line,
                hint: "Facts of earlier batches stay, nothing of this one is told. Correct the source or the manifest, and run again.")
        }
        if refused.rule == PersonalColumns.rule { throw manifest.undeclared(refused.message, in: stream) }
        mapper.columns.load(record)
        let person = mapper.person
        if refused.rule == Refused.erasedRule || person.map({ protection.isErased(subject: $0) }) == true {
            return try leaveOut(record, place)
        }
        let shape = spreader?.source(of: record.shape) ?? record.shape
        try refuse(
            record.raw, line: record.line, place, refused, shape: shape, isSuspect: spreader == nil ? personal.isSuspect(record) : isWholeSuspect, person: person)
    }

    /// A record about an erased person: counted and noted as refused, without a trace of what it says. What was told of it is forgotten,
    /// so that it is news should the person be let in again.
    private func leaveOut(_ record: Record, _ place: InputPlace) throws {
        let refused = Refused.erased(piece: nil)
        batch.countRefused(refused)
        if let key = try? mapper.key(record) {
            for entry in [key] + stream.facts.indices.map({ key.fact($0) }) where table.content(entry) != 0 { batch.note(entry, content: 0) }
            batch.note(key, row: nil)
        }
        if let replay { return replay.close(place.index) }
        guard !batch.wasRefused(mapper.key(ofRefused: record.raw, rule: refused.rule)) else { return }
        batch.quarantine(
            QuarantinedRecord(stream: stream.name, input: "", line: nil, rule: refused.rule, message: refused.message, raw: [], sealed: true))
    }

    /// - Parameters:
    ///   - isSuspect: whether the row may hold a personal column that nobody declared.
    ///   - person: whose it is, where that is known.
    func refuse(
        _ raw: [UInt8], line: Int, _ place: InputPlace, _ refused: Refused, shape: RecordShape?, isSuspect: Bool, person: String? = nil
    ) throws {
        batch.countRefused(refused)
        if let replay { return replay.refuse(place.index, refused) }
        if batch.wasRefused(mapper.key(ofRefused: raw, rule: refused.rule)) { return }
        let sealed = isSuspect || stream.hasPersonalColumns
        batch.quarantine(
            QuarantinedRecord(
                stream: stream.name, input: place.name, line: line, rule: refused.rule, message: refused.message,
                raw: sealed ? try protection.seal(raw) : raw, sealed: sealed, subject: person,
                columns: hasFixedColumns ? shape?.names : nil))
    }
}
