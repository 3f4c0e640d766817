import EventLog

extension StreamPull {
    /// Tells what vanished from a full list, unless the guard holds it back.
    func remove(acceptRemovals: Bool, before: StreamState) throws {
        guard let removed = stream.removed else { return }
        let vanished = table.vanished().sorted { $0.subject.lexicographicallyPrecedes($1.subject) }
        guard !vanished.isEmpty else { return }
        if !acceptRemovals, let reason = reasonToHoldBack(vanished.count, removed, before) {
            heldBackReason = reason
            return batch.count { $0.heldBack += vanished.count }
        }
        for (key, text) in vanished {
            let parts = String(decoding: text, as: UTF8.self).split(separator: "\t", maxSplits: 1).map(String.init)
            let (event, subject) = parts.count == 2 ? (parts[0], parts[1]) : (removed.event, parts.first ?? "")
            if !protection.isErased(subject: subject) { batch.emit(NewEvent(type: event, subject: subject, payload: Array("{}".utf8))) }
            for entry in [key] + stream.facts.indices.map({ key.fact($0) }) where table.content(entry) != 0 { batch.note(entry, content: 0) }
            batch.note(key, row: nil)
            batch.count { $0.removed += 1 }
            if batch.isFull { try batch.flush(nil) }
        }
    }

    private func reasonToHoldBack(_ vanished: Int, _ removed: Stream.Removed, _ before: StreamState) -> String? {
        if unreadable > 0 {
            return "\(unreadable) row\(unreadable == 1 ? "" : "s") could not be read, and a vanished record may be among them"
        }
        // Nothing came at all: that is taken for a broken delivery, unless the manifest allows everything.
        if records == 0, stream.mode == .snapshot, removed.maxRatio != 1, let warning = shrinkage(before) { return warning }
        let most = removed.maxRatio ?? Stream.Removed.defaultMaxRatio
        guard Double(vanished) > most * Double(knownBefore), removed.maxRatio != nil || vanished > Stream.Removed.alwaysAllowed else { return nil }
        let allowed = removed.maxRatio == nil ? "is allowed where the manifest sets no max_ratio" : "the manifest allows"
        return "\(vanished) of \(knownBefore) known records vanished, more than the share of \(most) that \(allowed)"
    }

    /// What is suspicious about how many records a full list has; nil where nothing is. An empty answer and a first page alone look like this.
    func shrinkage(_ before: StreamState) -> String? {
        let usual = before.usual
        if records == 0, usual >= 10 { return "no record came where there were \(usual)" }
        guard usual >= 20, records * 2 < usual else { return nil }
        return "\(records) record\(records == 1 ? "" : "s") came where there were \(usual)"
    }
}
