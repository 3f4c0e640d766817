import Testing

@testable import Simulation

@Suite struct PeopleTests {
    @Test func checkCharactersFollowTheStandard() {
        // The example of GB 11643-1999, appendix A.
        #expect(PersonalTables.checkCharacter(of: "11010519491231002") == "X")
        #expect(PersonalTables.checkCharacter(of: "44052418800101001") == "4")
    }

    @Test func everyTrueIdNumberIsValidAndNobodySharesOne() throws {
        try Town.simulated(households: 400) { files in
            let persons = try files.table("truth/persons.csv")
            let numbers = persons.compactMap { $0["document"] }.filter { !$0.hasPrefix("ZZ") }
            #expect(numbers.count > 900)
            #expect(Set(numbers).count == numbers.count)
            for number in numbers {
                #expect(number.count == 18)
                #expect(PersonalTables.checkCharacter(of: String(number.prefix(17))) == number.last)
                #expect(number.hasPrefix("90") || number.hasPrefix("99"), "the area codes are nobody's")
            }
            let phones = persons.compactMap { $0["phone"] }.filter { !$0.isEmpty }
            #expect(Set(phones).count == phones.count)
            #expect(phones.allSatisfy { $0.count == 11 && $0.hasPrefix("154") })
        }
    }

    @Test func someIdNumbersInTheRegisterAreInvalid() throws {
        try Town.simulated(households: 400) { files in
            let numbers = try files.asciiRows("police-register/residents.csv").dropFirst().compactMap { $0.count == 12 ? $0[2] : nil }
                .filter { $0.count == 18 }
            let invalid = numbers.filter { PersonalTables.checkCharacter(of: String($0.prefix(17))) != $0.last }
            #expect(!invalid.isEmpty && invalid.count * 20 < numbers.count)
        }
    }

    @Test func theNumberOfHouseholdsIsExactAndTheResidentsAreAsMany() throws {
        try Town.simulated(households: 217) { files in
            let households = try files.table("truth/households.csv")
            #expect(households.count == 217)
            #expect(Set(households.compactMap { $0["household"] }).count == 217)
            let stated = households.compactMap { $0["residents"].flatMap { Int($0) } }.reduce(0, +)
            let counted = try files.table("truth/persons.csv").count { $0["fate"] == "resident" }
            #expect(stated == counted)
            #expect((1.8...3.2).contains(Double(counted) / 217))
        }
    }

    @Test func aHouseholdIsTheSameWhenItIsMadeAloneAgain() throws {
        let layout = try Layout(footprints: Town.footprints, seed: 5, households: 300)
        let maker = HouseholdMaker(layout: layout)
        var seen = 0
        for building in layout.buildings {
            for index in building.homes {
                let home = layout.home(index, in: building)
                guard let number = home.household else { continue }
                #expect(number == seen)
                seen += 1
                let alone = try #require(maker.household(number))
                let inPlace = maker.household(in: home, index: number)
                #expect(alone.home.index == index)
                #expect(alone.people.map(\.document) == inPlace.people.map(\.document))
            }
        }
        #expect(seen == 300)
    }

    @Test func miswrittenNamesDiffer() {
        let name = PersonName(surname: "王", given: ["建", "国"])
        #expect(name.miswritten.text == "王国建")
        #expect(PersonName(surname: "李", given: ["伟"]).miswritten.text == "李玮")
    }

    @Test func daysAndTextsAgree() {
        #expect(CivilDate.day(1970, 1, 1) == 0)
        #expect(CivilDate.text(CivilDate.day(2000, 2, 29)) == "2000-02-29")
        #expect(CivilDate.text(CivilDate.day(1929, 12, 31) + 1) == "1930-01-01")
        #expect(CivilDate.iso(CivilDate.day(2026, 6, 30) * 86_400 + 3_661) == "2026-06-30T01:01:01+08:00")
        #expect(decimalText(-1_205, digits: 3) == "-1.205")
        #expect(decimalText(7, digits: 2) == "0.07")
    }
}
