/// The small tables from which invented people are made.
///
/// No real person is in them: names are combined at random from the most frequent surnames and from common given-name
/// characters; ID numbers carry area codes that do not exist; phone numbers lie in a range that is given to nobody.
enum PersonalTables {
    /// The most frequent surnames with rounded weights (per 1,000 of the population).
    static let surnames: [(String, Int)] = [
        ("王", 71), ("李", 71), ("张", 67), ("刘", 54), ("陈", 48), ("杨", 31), ("黄", 23), ("赵", 22), ("吴", 20), ("周", 20),
        ("徐", 17), ("孙", 15), ("马", 13), ("朱", 13), ("胡", 12), ("郭", 12), ("何", 11), ("林", 11), ("高", 10), ("罗", 9),
        ("郑", 9), ("梁", 8), ("谢", 7), ("宋", 7), ("唐", 7), ("许", 7), ("邓", 6), ("冯", 6), ("韩", 6), ("曹", 6),
        ("曾", 6), ("彭", 6), ("蔡", 5), ("潘", 5), ("田", 5), ("董", 5), ("袁", 5), ("于", 5), ("余", 5), ("叶", 5),
        ("蒋", 5), ("杜", 4), ("苏", 4), ("魏", 4), ("程", 4), ("吕", 4), ("丁", 4), ("沈", 4), ("陆", 3), ("欧阳", 1),
    ]
    static let surnameWeights = surnames.map(\.1)

    static let male: [String] = "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳建国志文博文亮成康星光天达安岩中茂进有坚和彪诚先敬震振壮会思群豪心邦承乐绍功松善厚庆".map(String.init)
    static let female: [String] = "芳娜敏静秀娟英华慧巧美淑惠珠翠雅芝玉萍红娥玲芬燕彩春菊兰凤洁梅琳素云莲真环雪荣爱妹霞香月莺媛艳瑞凡佳嘉琼勤珍贞莉桂娣叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴".map(String.init)

    /// Characters that a clerk takes for one another: same sound.
    static let soundAlike: [String: String] = [
        "伟": "玮", "强": "蔷", "明": "铭", "华": "桦", "文": "雯", "静": "婧", "英": "瑛", "慧": "惠", "芳": "方", "敏": "闽",
        "军": "君", "平": "萍", "辉": "晖", "鹏": "朋", "飞": "菲", "杰": "洁", "超": "朝", "红": "虹", "玲": "铃", "燕": "艳",
    ]

    /// A phone number per person: 154 is a prefix that no operator has; the multiplier is prime to 10^8, so no two
    /// persons of one run share a number.
    static func phone(person: Int) -> String {
        "154" + CivilDate.padded((person &* 61_803_399 &+ 27_182_818) % 100_000_000, 8)
    }

    /// An 18-digit ID number after GB 11643: area (6), birth date (8), sequence (3, odd for men), check character.
    ///
    /// The area codes 90xxxx and 99xxxx name no place. (area, sequence) is different for every person of a run up to
    /// 10,000,000 person numbers.
    static func idNumber(person: Int, birth: Int, isMale: Bool) -> String {
        let block = person / 500 % 20_000
        let area = block < 10_000 ? 900_000 + block : 980_000 + block
        let sequence = (person % 500) * 2 + (isMale ? 1 : 0)
        let body = String(area) + CivilDate.text(birth, separator: "") + CivilDate.padded(sequence, 3)
        return body + String(checkCharacter(of: body))
    }

    /// The check character of the first 17 digits (ISO 7064 MOD 11-2).
    static func checkCharacter(of body: String) -> Character {
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(body.utf8, weights).reduce(0) { $0 + (Int($1.0) - 48) * $1.1 }
        return Array("10X98765432")[sum % 11]
    }

    /// A travel document of somebody from abroad; ZZ is nobody's country code.
    static func passport(person: Int) -> String { "ZZ" + CivilDate.padded((person &* 7_654_321 &+ 1_234_567) % 10_000_000, 7) }
}
