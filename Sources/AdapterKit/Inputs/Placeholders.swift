/// What stands in the place of `{cursor}` and `{until}` in the addresses and arguments of an input.
struct Placeholders: Sendable, Hashable {
    /// Where an incremental stream goes on.
    var cursor = ""
    /// Before what a backfill ends; empty in an ordinary pull.
    var until = ""

    /// - Parameter escape: how the values are written in this text.
    func fill(_ text: String, escape: (String) -> String = { $0 }) -> String {
        [("{cursor}", cursor), ("{until}", until)].reduce(text) { text, place in
            text.split(separator: place.0, omittingEmptySubsequences: false).joined(separator: escape(place.1))
        }
    }
}
