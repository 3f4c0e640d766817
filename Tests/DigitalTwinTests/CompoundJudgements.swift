/// What a reader of both rows thought of each pair of the sample, by the numbers of the rows in their lists: name, address, place and manager side by side.
enum CompoundJudgements {
    /// By pair, whether both are one compound.
    static func verdicts(_ kind: String) -> [String: Bool] {
        let (same, different) = kind == "linked" ? (linkedSame, linkedDifferent) : (apartSame, apartDifferent)
        func pairs(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }
        return Dictionary(uniqueKeysWithValues: pairs(same).map { ($0, true) } + pairs(different).map { ($0, false) })
    }

    private static let linkedSame = ""
    private static let linkedDifferent = ""
    private static let apartSame = ""
    private static let apartDifferent = ""
}
