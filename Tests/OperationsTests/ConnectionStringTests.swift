import Testing

@testable import Operations

@Suite struct ConnectionStringTests {
    @Test(arguments: ["host = db dbname", "postgresql:/wrong", "password='never closed", "ho st=x", ""])
    func nonsenseIsRefusedWithoutRepeatingIt(_ text: String) {
        do {
            let string = try ConnectionString(parsing: text)
            Issue.record("read as \(string.settings.keys)")
        } catch {
            #expect(error.kind == .configuration)
            #expect(text.isEmpty || !error.description.contains(text))
        }
    }

    @Test func keywordsWithQuotesAndBackslashes() throws {
        let string = try ConnectionString(parsing: #" host='/tmp/a b' dbname=hub  password='it\'s \\ here' port = 5433"#)
        #expect(string.settings == ["host": "/tmp/a b", "dbname": "hub", "password": #"it's \ here"#, "port": "5433"])
        #expect(try ConnectionString(parsing: string.text) == string)
    }

    @Test func addresses() throws {
        let string = try ConnectionString(parsing: "postgresql://owner:p%40ss@db1:5433,[::1]:5434/hub?sslmode=require&host=ignored")
        #expect(string.settings["user"] == "owner")
        #expect(string.settings["password"] == "p@ss")
        #expect(string.settings["port"] == "5433,5434")
        #expect(string.settings["dbname"] == "hub")
        #expect(string.settings["sslmode"] == "require")
        #expect(try ConnectionString(parsing: "postgres:///hub?host=/run/x").settings == ["dbname": "hub", "host": "/run/x"])
        #expect(try ConnectionString(parsing: "postgresql://[::1]/").settings == ["host": "::1"])
    }

    @Test func anotherRoleTakesThePlaceOfTheOwner() throws {
        var string = try ConnectionString(parsing: "postgresql://owner:secret@db/hub")
        string.settings["user"] = "hub_adapter_1"
        string.settings["password"] = "other"
        #expect(string.text == "dbname='hub' host='db' password='other' user='hub_adapter_1'")
    }
}
