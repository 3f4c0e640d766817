import EventLog
import PostgresClient
import RecordFormats

// What a record tells that is not known yet.
extension StreamPull {
    func tellAppended(_ record: Record, _ place: InputPlace) throws {
        mapper.columns.load(record)
        try mapper.mapLoaded(into: &mapped)
        records += 1
        var told = false
        for fact in mapped {
            guard let event = fact.event else { continue }
            batch.emit(event)
            told = true
        }
        batch.count { if told { $0.added += 1 } else { $0.unchanged += 1 } }
        witness?([RecordUniter.Piece(record: record, place: place)])
    }

    /// Tells what is new of a united record. A piece that is to blame for a refusal is refused alone, and the others go on.
    func tell(_ pieces: [RecordUniter.Piece], _ key: FingerprintKey) throws {
        let row = rows?.hash(pieces)
        if let row, table.row(of: key) == row {
            records += 1
            return batch.count { $0.unchanged += 1 }
        }
        var rest = pieces
        let isTold = replay != nil && stream.facts.indices.contains { table.content(key.fact($0)) != 0 }
        while !rest.isEmpty {
            do {
                if isTold { throw ReplayJournal.incomplete }
                try mapper.map(rest.map(\.record), into: &mapped)
                try compare(key)
                // A refused piece is to be refused again the next time.
                batch.note(key, row: rest.count == pieces.count ? row : nil)
                witness?(rest)
                return
            } catch let refused as Refused {
                let blamed = rest.count > 1 ? refused.piece.map { [$0] } ?? Array(rest.indices) : Array(rest.indices)
                for index in blamed {
                    let piece = rest[index]
                    try refuse(piece.record, piece.place, refused)
                }
                for index in blamed.reversed() { rest.remove(at: index) }
            }
        }
    }

    /// Compares the mapped facts with what was told before; tells and notes what is new. Whatever may be refused comes first.
    func compare(_ key: FingerprintKey) throws {
        var known = false
        news.removeAll(keepingCapacity: true)
        for (number, fact) in mapped.enumerated() {
            let factKey = key.fact(fact.index)
            let before = table.content(factKey)
            if before != 0 { known = true }
            if fact.event != nil {
                if before != fact.content { news.append((factKey, fact.content, number, nil)) }
            } else if before != 0 {
                news.append((factKey, 0, nil, try mapper.undone(fact.index)))
            }
        }
        let removal = try mapper.removal(mapped)
        if known, keepsKnown {
            records += 1
            return batch.count { $0.unchanged += 1 }
        }
        if known, !news.isEmpty { try replay?.allowChange(of: key, facts: stream.facts.count, in: stream) }
        records += 1
        let isNews = !news.isEmpty && (known || news.contains { $0.mapped != nil || $0.undone != nil })
        batch.count { if !isNews { $0.unchanged += 1 } else if known { $0.changed += 1 } else { $0.added += 1 } }
        for new in news {
            batch.note(new.key, content: new.content)
            if let event = new.mapped.flatMap({ mapped[$0].event }) ?? new.undone { batch.emit(event) }
        }
        guard stream.removed != nil else { return }
        let content = removal.map { mapper.content($0) } ?? 0
        if table.content(key) != content { batch.note(key, content: content, removal: removal) }
    }
}
