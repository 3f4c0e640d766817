import EventLog
import Projections

/// Who lives in which dwelling, as far as scenarios ask: pseudonyms, years of birth and care, never a name.
///
/// A person is one across sources: the keyed hash of the ID number. Of what is told of a person each thing goes by its own last word: a dated
/// one stands against earlier dates.
struct ScenarioRegister {
    /// A value, and the date by which it stands.
    private struct Word<Value: Equatable>: Equatable {
        var value: Value?
        var at_us: Int64?

        mutating func take(_ value: Value?, at at_us: Int64?) {
            if let at_us, let held = self.at_us, at_us < held { return }
            (self.value, self.at_us) = (value, at_us)
        }
    }

    private struct Person: Equatable {
        var dwelling = Word<String>()
        var care = Word<String>()
        var birthYear: Int32?
    }

    private var people: [String: Person] = [:]
    private var inDwelling: [String: Set<String>] = [:]

    var count: Int { people.count }

    /// - Parameter source: name of the source, by which its own dwellings are completed.
    mutating func take(_ type: String, _ fact: Fact, source: String) {
        guard fact.subject.starts(with: "person/".utf8) else { return }
        let id = String(decoding: fact.subject.dropFirst(7), as: UTF8.self)
        if type == "subject.erased" || type == "death.recorded" { return forget(id) }
        let payload = Payload(JSONView(fact.payload), source: [])
        var person = people[id] ?? Person()
        let before = person.dwelling.value, at_us = fact.occurredAt?.microseconds
        func text(_ value: JSONView?) -> String? { value?.text.map { String(decoding: $0, as: UTF8.self) } }
        let dwelling = text(payload["dwelling"]).map { Payload.whole($0, of: source) }
        if let year = payload["birth_year"]?.integer { person.birthYear = year }
        switch type {
        case "resident.registered": person.dwelling.take(dwelling, at: at_us)
        case "resident.deregistered": person.dwelling.take(nil, at: at_us)
        case "care.enrolled":
            person.care.take(text(payload["kind"]) ?? "care", at: at_us)
            if let dwelling { person.dwelling.take(dwelling, at: at_us) }
        default: person.care.take(nil, at: at_us)
        }
        people[id] = person
        move(id, from: before, to: person.dwelling.value)
    }

    static let types: Set<String> = [
        "resident.registered", "resident.deregistered", "care.enrolled", "care.ended", "care.removed", "death.recorded", "subject.erased",
    ]

    private mutating func forget(_ id: String) { move(id, from: people.removeValue(forKey: id)?.dwelling.value, to: nil) }

    private mutating func move(_ id: String, from before: String?, to now: String?) {
        guard before != now else { return }
        if let before {
            inDwelling[before]?.remove(id)
            if inDwelling[before]?.isEmpty == true { inDwelling[before] = nil }
        }
        if let now { inDwelling[now, default: []].insert(id) }
    }

    /// Whether somebody lives there of whom that is so.
    /// - Parameters:
    ///   - dwelling: `<source>:<key>`.
    ///   - year: that of the reading; an age is the difference of years.
    func holds(_ condition: Scenario.Watch.Dwelling, _ dwelling: String, year: Int) -> Bool {
        inDwelling[dwelling]?.contains { id in
            guard let person = people[id] else { return false }
            if let care = condition.care, person.care.value != care { return false }
            guard let age = condition.age_at_least else { return true }
            return person.birthYear.map { year - Int($0) >= age } ?? false
        } ?? false
    }

    // MARK: Kept

    func write(to state: inout StateWriter) {
        state.integer(Int64(people.count))
        for (id, person) in people.sorted(by: { $0.key < $1.key }) {
            state.text(id.utf8)
            state.text(person.dwelling.value)
            state.integer(person.dwelling.at_us)
            state.text(person.care.value)
            state.integer(person.care.at_us)
            state.integer(person.birthYear.map(Int64.init))
        }
    }

    init() {}

    init(from state: inout StateReader) throws(ScenarioError) {
        for _ in 0..<(try state.count()) {
            let id = String(decoding: try state.text(), as: UTF8.self)
            var person = Person()
            person.dwelling = Word(value: try state.optionalText(), at_us: try state.optionalInteger())
            person.care = Word(value: try state.optionalText(), at_us: try state.optionalInteger())
            person.birthYear = try state.optionalInteger().map { Int32(truncatingIfNeeded: $0) }
            people[id] = person
            move(id, from: nil, to: person.dwelling.value)
        }
    }
}
