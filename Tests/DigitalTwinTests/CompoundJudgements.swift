/// What a reader of both rows thought of each pair of the sample, by the numbers of the rows in their lists: name, address, place and year side by side.
///
/// A row that tells of a part of what the other tells of (one lane of several, one phase) is the same compound; the flats and the houses of one estate, which the lists
/// keep apart, its numbered quarters, and two names in one lane are not, where nothing else says so. Where names alike at one door were linked too, 22 of a hundred were such.
enum CompoundJudgements {
    enum Verdict {
        case same, different
        /// One of the rows has a name and nothing else.
        case unknown
    }

    /// - Parameter kind: `linked`, or `apart` for pairs of one name that are not linked.
    static func verdicts(_ kind: String) -> [String: Verdict] {
        let texts: [(String, Verdict)] = kind == "linked" ? [(linkedSame, .same), (linkedDifferent, .different)] : [(apartSame, .same), (apartDifferent, .different), (apartUnknown, .unknown)]
        return Dictionary(uniqueKeysWithValues: texts.flatMap { text, verdict in text.split(whereSeparator: \.isWhitespace).map { (String($0), verdict) } })
    }

    private static let linkedSame = """
        5472-2403 4035-1904 842-1377 5794-2656 462-752 4849-1586 1725-1551 5039-81 2934-972 2965-793 4736-1942 5592-1068 1953-1668 802-511 4037-2458
        4536-2687 1560-1824 4128-48 3194-2845 1713-1809 444-2643 1213-2613 2418-551 2618-2898 5528-2046 3384-2440 1864-928 2721-1316 4768-691
        3100-1485 1223-1506 749-1337 3070-123 3994-2373 1980-2023 3282-629 961-341 4315-1767 2027-485 236-2226 2061-1900 3615-161 1261-2785 2871-856
        645-1860 5342-2170 177-1350 1865-1210 1246-2666 5055-2158 2360-2755 3251-1501 2168-1975 5105-133 1555-2732 5451-321 1471-2160 1141-1381
        905-2051 347-1903 3283-2648 2522-942 1962-1124 774-530 2428-1173 4501-1423 1767-2699 2824-1291 2321-1219 1995-1962 4656-643 3295-1627 808-202
        4031-1852 669-2801 1508-842 4006-2396 1971-302 1489-1737 457-837 4153-419 2732-1147 2962-2155 1259-674 3734-795 4873-1176 2119-501 1814-2704
        4935-2538 2219-1841 950-2976 2814-255 3565-682 292-2837 4187-1094 2104-2810 2235-2522 3260-2881 2262-883 5602-2843
        """
    private static let linkedDifferent = ""
    private static let apartSame = """
        3864-1232 4818-2199 4077-2348 1997-2612 1548-1761 5545-102 2323-2886 2704-701 2930-2368 1292-768
        """
    private static let apartDifferent = "4640-819"
    private static let apartUnknown = """
        5488-2997 1016-1104 5824-274 652-745 1790-1526 5041-2546 3155-37 3162-2488 4795-839 5595-537 2271-2956 1210-1640 3896-951 266-308 3291-1172 1004-1062
        2932-554 3114-2676 3532-886 352-281 4895-1266 3365-2418 1747-2192 1459-361 3418-606 713-934 1050-2400 1703-194 4565-2212 2902-653 4313-137 79-802
        2062-567 1595-1170 5475-2830 3455-1413 1436-2314 2229-1324 5299-1220
        """
}
