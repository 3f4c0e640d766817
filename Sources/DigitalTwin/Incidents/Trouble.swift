import Foundation
import Schemas

/// What a report is about, in one vocabulary: departments name the same trouble differently, and none of them in the others' words.
///
/// `Schemas/incidents/troubles.txt` lists words. What somebody wrote, the subcategory and the category may each name several troubles (漏水纠纷 is a leak and
/// a dispute); the first one is that of the narrowest text, and of one text that of the list's first line. Where a category is all that is said and no
/// word tells it, it counts as written, so that a city's own categories agree with themselves; against a known trouble it says nothing: under 物业管理
/// a city files all of them.
struct TroubleWords: Sendable {
    /// Words in UTF-8.
    private let list: [(trouble: String, words: [[UInt8]])]
    /// Troubles of one home: in the next one it is another.
    let areOfAHome: Set<String>

    /// The one that the binary carries.
    static let builtIn = TroubleWords(Schemas.text("incidents/troubles.txt") ?? "")

    /// By a trouble, the kinds of it that are told apart.
    private let kinds: [String: [String]]

    /// - Parameter text: a line for each trouble, its name, ` (home)` where it is one of a home, a colon, and words separated by commas; `#` begins a comment.
    ///   A name with a slash is a kind of the trouble before it.
    init(_ text: String) {
        var homes: Set<String> = []
        list = text.split(separator: "\n").compactMap { line in
            guard !line.hasPrefix("#"), let colon = line.firstIndex(of: ":") else { return nil }
            var name = Self.trimmed(line[..<colon])
            if name.hasSuffix(Self.home) {
                name.removeLast(Self.home.count)
                homes.insert(name)
            }
            let words = line[line.index(after: colon)...].split(separator: ",").map { Array(Self.trimmed($0).lowercased().utf8) }
            return (name, words.filter { !$0.isEmpty })
        }
        areOfAHome = homes
        kinds = Dictionary(grouping: list.map(\.trouble).filter { $0.contains("/") }) { String($0.prefix { $0 != "/" }) }
    }

    private static let home = " (home)"

    /// - Returns: all that is said, what the narrowest text says first; empty where nothing is said that is known. Who says which kind of a trouble says no more
    ///   by naming the trouble; who names it alone may mean each kind of it.
    func troubles(category: String?, subcategory: String?, description: String?) -> [String] {
        var found: [String] = []
        for text in [description, subcategory, category] {
            guard var text = text?.lowercased() else { continue }
            text.withUTF8 { text in
                for (trouble, words) in list where !found.contains(trouble) && words.contains(where: { Self.stands($0, in: text) }) { found.append(trouble) }
            }
        }
        for (trouble, kinds) in kinds where found.contains(trouble) {
            if found.contains(where: kinds.contains) { found.removeAll { $0 == trouble } } else { found += kinds }
        }
        return found.isEmpty && description == nil ? category.map { [Self.asWritten + $0] } ?? [] : found
    }

    /// What a category begins with that no word tells.
    static let asWritten = "as written: "

    /// By bytes: the search of Foundation's strings takes most of a rebuild's time. A word of Latin letters stands alone: a street is no tree.
    private static func stands(_ word: [UInt8], in text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = text.baseAddress, let first = word.first, let last = word.last, word.count <= text.count else { return false }
        for place in 0...(text.count - word.count) where text[place] == first && memcmp(start + place, word, word.count) == 0 {
            if isLetter(first), place > 0, isLetter(text[place - 1]) { continue }
            if isLetter(last), !endings.contains(where: { $0.elementsEqual(text[(place + word.count)...].prefix { isLetter($0) }) }) { continue }
            return true
        }
        return false
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte) }
    /// What may follow a word and leave it the same one.
    private static let endings = ["", "s", "es", "ed", "ing"].map { Array($0.utf8) }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
