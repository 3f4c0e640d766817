/// What a reader of both rows thought of each pair of the sample, by the numbers of the rows in their lists: name, address, place and year side by side.
///
/// A row that tells of a part of what the other tells of (one lane of several, one phase) is the same compound; the flats and the houses of one estate, which the lists
/// keep apart, its numbered quarters, and two names in one lane are not, where nothing else says so.
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
        5546-1436 4296-1714 521-319 4986-1187 1814-2704 3098-1856 3133-1936 4904-1845 5678-2984 2036-2716 762-2047 4274-483 4736-1942 1596-1753 4330-412
        3322-2563 1728-1667 378-1294 1116-313 2584-2042 3603-2421 1900-1216 3251-1501 1049-439 3219-1541 4130-256 2019-456 3361-367 2056-1381 4195-97 2061-1900
        3813-915 2949-1972 2987-2667 1855-369 982-637 60-2367 3295-1627 5114-1005 1374-1490 5512-2220 1259-674 877-1853 638-2821 3462-1736 3316-1516 2523-2434
        247-1580 2526-2319 2366-93 4617-1658 1664-2565 2291-2063 545-1836 4748-1784 536-854 2356-2719 4114-1256 5113-828 1175-2811 4075-1477 1155-2398 3003-971
        4242-1093 2681-307 350-2135 3734-795 1995-1962 2027-485 1789-2888 2768-882 3548-2351 4035-1904 622-1479 1940-112 329-840 3141-2092 99-59
        """
    private static let linkedDifferent = """
        819-2371 5795-1795 5072-1123 2769-2289 5610-2951 2818-729 4956-121 596-2371 819-1403 4421-1009 1049-567 53-2000 5469-1240 2398-409 2191-2413 2818-1131
        2833-2797 1858-2586 1579-109 4956-296 4956-1403 2033-515
        """
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
