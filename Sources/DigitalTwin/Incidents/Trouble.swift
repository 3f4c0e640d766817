import Schemas

/// What a report is about, in one vocabulary: departments name the same trouble differently, and none of them in the others' words.
///
/// `Schemas/incidents/troubles.txt` lists words, the first trouble whose word occurs wins. The narrowest text is asked first: what somebody wrote,
/// then the subcategory, then the category. Where a category is all that is said and no word tells it, it counts as written, so that a city's own
/// categories agree with themselves.
struct TroubleWords: Sendable {
    private let list: [(trouble: String, words: [String])]

    /// The one that the binary carries.
    static let builtIn = TroubleWords(Schemas.text("incidents/troubles.txt") ?? "")

    /// - Parameter text: a line for each trouble, its name, a colon, and words separated by commas; `#` begins a comment.
    init(_ text: String) {
        list = text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else { return nil }
            let words = line[line.index(after: colon)...].split(separator: ",").map { Self.trimmed($0).lowercased() }
            return (Self.trimmed(line[..<colon]), words.filter { !$0.isEmpty })
        }
    }

    /// - Returns: nil where nothing is said that is known.
    func trouble(category: String?, subcategory: String?, description: String?) -> String? {
        for text in [description, subcategory, category] {
            guard let text = text?.lowercased() else { continue }
            if let found = list.first(where: { $0.words.contains { text.contains($0) } }) { return found.trouble }
        }
        return description == nil ? category.map { "as written: \($0)" } : nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
