import RecordFormats

extension ExpressionParsing {
    /// `match`, `split` and `at`, `unit`, `thousands`, `decimal_mark` and `default` of a column; nil where it has none of them.
    func shaping(_ object: ManifestObject, _ type: ValueType) throws(AdapterError) -> Shaping? {
        var shaping = Shaping()
        shaping.match = try pattern(object)
        shaping.split = try split(object)
        shaping.number = try number(object, type)
        if let fallback = object["default"] {
            guard fallback.plain != .null else { throw object.fault("\"default\" is null: leave it out.", at: fallback) }
            shaping.fallback = fallback.plain
        }
        return shaping == Shaping() ? nil : shaping
    }

    private func pattern(_ object: ManifestObject) throws(AdapterError) -> ValuePattern? {
        guard let place = object["match"] else { return nil }
        let text = try object.requiredString("match")
        guard let pattern = ValuePattern(text) else {
            throw object.fault("\"match\" is no regular expression.", at: place, hint: "A backslash is written twice in a text: \"^(\\\\d+)户$\".")
        }
        guard pattern.groups <= 1 else {
            throw object.fault("\"match\" has \(pattern.groups) groups: the first one is the value.", at: place, hint: "Write (?:…) for the others.")
        }
        return pattern
    }

    private func split(_ object: ManifestObject) throws(AdapterError) -> Shaping.Split? {
        let separators = try object.strings("split")
        guard let separators else {
            if let at = object["at"] { throw object.fault("\"at\" goes with \"split\".", at: at) }
            return nil
        }
        guard !separators.isEmpty, separators.allSatisfy({ !$0.isEmpty }) else {
            throw object.fault("\"split\" needs a text, or a list of texts, that separate.", at: try object.required("split"))
        }
        guard let place = object["at"] else { return Shaping.Split(separators: separators, at: nil) }
        guard case .number(let digits) = place.node, let at = Int(digits), abs(at) < 10_000 else {
            throw object.fault("\"at\" must be a whole number: 0 is the first part, -1 the last.", at: place)
        }
        return Shaping.Split(separators: separators, at: at)
    }

    private func number(_ object: ManifestObject, _ type: ValueType) throws(AdapterError) -> NumberReading? {
        var reading = NumberReading()
        if let place = object["unit"] { reading.units = try units(place, object) }
        reading.thousands = try mark("thousands", object)
        if let mark = try mark("decimal_mark", object) { reading.decimalMark = mark }
        guard reading != NumberReading() else { return nil }
        guard type == .integer || type == .decimal else {
            throw object.fault("\"unit\", \"thousands\" and \"decimal_mark\" go with type \"integer\" or \"decimal\".", at: object.value)
        }
        guard reading.thousands != reading.decimalMark else {
            throw object.fault("The mark between thousands and the decimal mark must differ.", at: object.value)
        }
        return reading
    }

    private func mark(_ key: String, _ object: ManifestObject) throws(AdapterError) -> Character? {
        guard let text = try object.string(key) else { return nil }
        guard text.count == 1, let mark = text.first, !mark.isNumber, !mark.isLetter, mark != "-", mark != "+" else {
            throw object.fault("\"\(key)\" must be one character, such as \",\".", at: try object.required(key))
        }
        return mark
    }

    /// A text, a list of texts, or an object of texts and factors.
    private func units(_ place: LocatedValue, _ object: ManifestObject) throws(AdapterError) -> [NumberReading.Unit] {
        var units: [NumberReading.Unit] = []
        if case .object(let members) = place.node {
            for member in members {
                guard case .number(let digits) = member.value.node, let factor = Double(digits), factor != 0, factor.isFinite else {
                    throw object.fault("The unit \"\(member.name)\" needs a factor: how many of the payload's unit one of it is.", at: member.value)
                }
                units.append(NumberReading.Unit(text: member.name.trimmed, factor: factor == 1 ? nil : digits))
            }
        } else {
            units = try object.strings("unit").map { $0.map { NumberReading.Unit(text: $0.trimmed, factor: nil) } } ?? []
        }
        guard !units.isEmpty, Set(units.map(\.text)).count == units.count else {
            throw object.fault("\"unit\" needs units, each once.", at: place)
        }
        return units.sorted { ($0.text.count, $1.text) > ($1.text.count, $0.text) }
    }
}
