import Foundation
import Schemas

/// What a report is about, in one vocabulary: departments name the same trouble differently, and none of them in the others' words.
///
/// `Schemas/incidents/troubles.txt` lists words, the first trouble whose word occurs wins. The narrowest text is asked first: what somebody wrote,
/// then the subcategory, then the category. Where a category is all that is said and no word tells it, it counts as written, so that a city's own
/// categories agree with themselves.
struct TroubleWords: Sendable {
    /// Words in UTF-8.
    private let list: [(trouble: String, words: [[UInt8]])]

    /// The one that the binary carries.
    static let builtIn = TroubleWords(Schemas.text("incidents/troubles.txt") ?? "")

    /// - Parameter text: a line for each trouble, its name, a colon, and words separated by commas; `#` begins a comment.
    init(_ text: String) {
        list = text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else { return nil }
            let words = line[line.index(after: colon)...].split(separator: ",").map { Array(Self.trimmed($0).lowercased().utf8) }
            return (Self.trimmed(line[..<colon]), words.filter { !$0.isEmpty })
        }
    }

    /// - Returns: nil where nothing is said that is known.
    func trouble(category: String?, subcategory: String?, description: String?) -> String? {
        for text in [description, subcategory, category] {
            guard var text = text?.lowercased() else { continue }
            if let found = text.withUTF8({ text in list.first { $0.words.contains { Self.stands($0, in: text) } } }) { return found.trouble }
        }
        return description == nil ? category.map { "as written: \($0)" } : nil
    }

    /// By bytes: the search of Foundation's strings takes most of a rebuild's time.
    private static func stands(_ word: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = text.baseAddress, let first = word.first, word.count <= text.count else { return false }
        for place in 0...(text.count - word.count) where text[place] == first && memcmp(start + place, word, word.count) == 0 { return true }
        return false
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
