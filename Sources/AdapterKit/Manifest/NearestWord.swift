/// The known word that is most like a mistyped one, or nil where none is alike.
func nearestWord(to word: String, in known: [String]) -> String? {
    let scored = known.map { (word: $0, distance: editDistance(Array(word.lowercased().utf8), Array($0.lowercased().utf8))) }
    guard let best = scored.min(by: { ($0.distance, $0.word) < ($1.distance, $1.word) }) else { return nil }
    if best.distance <= max(2, word.utf8.count / 2) { return best.word }
    // A word cut short, or one with something behind it.
    return known.filter { min($0.utf8.count, word.utf8.count) >= 3 && ($0.hasPrefix(word) || word.hasPrefix($0)) }.min { $0.utf8.count < $1.utf8.count }
}

/// Levenshtein's distance, counting a swap of neighbours as one.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var row = [i + 1]
        for (j, y) in b.enumerated() {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (x == y ? 0 : 1))
            if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
