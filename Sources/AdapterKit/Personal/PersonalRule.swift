/// What happens to a personal column before anything else sees it.
package enum PersonalRule: Sendable, Hashable {
    /// A keyed hash takes the value's place. Columns of one domain give the same pseudonym for the same value, in every source.
    case pseudonym(domain: String)
    /// A keyed encoding takes the value's place that keeps how alike two names are, see `NameEncoding`.
    case encode
    /// Encrypted under a key of the person's own, to be opened by a steward with a reason.
    case seal
    /// The first character stays, the others become `*`.
    case mask
    /// The column never leaves the reader.
    case drop
    /// The value stays, for a declared purpose.
    case keep(purpose: String)

    var changesValue: Bool {
        if case .keep = self { false } else { true }
    }
}

/// Which columns look as if they were about a person, by their names.
enum PersonalNames {
    /// What the column seems to hold, which is also its pseudonym's domain; nil where the name says nothing of the kind.
    static func family(of column: String) -> String? {
        // Of a path into objects the last part says what it holds.
        if let dot = column.lastIndex(of: "."), let family = family(of: String(column[column.index(after: dot)...])) { return family }
        let plain = column.lowercased().filter { $0.isLetter || $0.isNumber }
        if let family = whole[plain] { return family }
        return parts.first { plain.contains($0.part) }?.family
    }

    /// Whole names, without punctuation: `id_number`, `ID Number` and `idNumber` are one.
    private static let whole: [String: String] = {
        let families: [String: [String]] = [
            "name": [
                "name", "fullname", "firstname", "lastname", "surname", "givenname", "middlename", "familyname", "personname",
                "contactname", "reportername", "applicantname", "residentname", "ownername", "tenantname",
            ],
            "id_number": [
                "idnumber", "idno", "idcard", "idcardnumber", "idcardno", "nationalid", "ssn", "socsecid", "socialsecuritynumber",
                "passport", "passportnumber", "passportno", "personid", "citizenid",
            ],
            "phone": [
                "phone", "phonenumber", "phoneno", "tel", "telephone", "telephonenumber", "mobile", "mobilephone", "mobilenumber", "cellphone",
                "contactphone", "callerphone", "reporterphone",
            ],
            "email": ["email", "emailaddress", "mail"],
            "birth_date": ["birthdate", "dateofbirth", "dob", "birthday"],
            "wechat": ["wechat", "wechatid", "openid"],
            "plate": ["licenseplate", "licenceplate", "platenumber"],
        ]
        return Dictionary(families.flatMap { family, names in names.map { ($0, family) } }, uniquingKeysWith: { a, _ in a })
    }()

    /// Chinese names are compounds (联系人电话), so a part is enough. The first match wins.
    private static let parts: [(part: String, family: String)] = [
        ("身份证", "id_number"), ("证件号", "id_number"), ("公民身份", "id_number"), ("护照", "id_number"), ("社保号", "id_number"),
        ("电话", "phone"), ("手机", "phone"), ("联系方式", "phone"), ("来电号码", "phone"), ("主叫号码", "phone"),
        ("微信", "wechat"), ("邮箱", "email"), ("出生日期", "birth_date"), ("生日", "birth_date"), ("车牌", "plate"),
        ("银行卡", "bank_card"), ("银行账号", "bank_card"),
        ("姓名", "name"), ("报案人", "name"), ("申请人", "name"), ("诉求人", "name"), ("来电人", "name"), ("联系人", "name"), ("户主", "name"),
        ("业主", "name"), ("租客", "name"), ("当事人", "name"), ("被害人", "name"),
    ]
}
