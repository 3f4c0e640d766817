import EventLog
import PostgresClient

/// Finds a person in refused rows, which nobody could read as records: by everything in them that may be a number of his.
package struct SubjectSearch {
    private let protection: Protection
    private let subject: String
    private let domains: [String]
    private let values: [[UInt8]]

    /// - Parameters:
    ///   - subject: the person's pseudonym.
    ///   - domains: in which numbers are looked up.
    ///   - values: of the person, in the clear, where they are known: a name, a phone.
    package init(_ subject: String, keys: Keys, domains: [String] = ["id_number", "phone"], values: [String] = []) {
        protection = Protection(keys)
        self.subject = subject
        self.domains = domains
        self.values = values.map { Array($0.utf8) }.filter { $0.count >= 4 }
    }

    /// Whether a row speaks of the person.
    package func finds(in raw: [UInt8]) -> Bool {
        values.contains { raw.contains($0) } || Self.numbers(in: raw).contains { number in
            domains.contains { protection.pseudonym(of: number, domain: $0) == subject }
        }
    }

    /// Every run of ASCII digits and letters of 6 to 40 bytes; of one longer than an ID number or phone, its windows of those lengths too.
    private static func numbers(in raw: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        for run in raw.split(whereSeparator: { !isDigitOrLetter($0) }) where run.count >= 6 && run.count <= 400 {
            if run.count <= 40 { found.insert(String(decoding: run, as: UTF8.self)) }
            for length in [11, 18] where run.count > length {
                for start in run.startIndex...(run.endIndex - length) { found.insert(String(decoding: run[start..<start + length], as: UTF8.self)) }
            }
        }
        return found
    }

    private static func isDigitOrLetter(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) }

    /// The refused rows that speak of the person, and how many encrypted ones could be laid to nobody and do not.
    /// - Parameter owner: a connection of the hub's owner: a steward reads refused rows one by one.
    package func quarantined(on owner: Connection) throws -> (found: [Int64], others: Int) {
        var found: [Int64] = [], others = 0, after: Int64 = 0
        while true {
            let rows = try owner.query(
                """
                SELECT id, raw FROM hub.quarantine WHERE sealed AND subject IS NULL AND octet_length(raw) > 0 AND id > $1 ORDER BY id LIMIT 500
                """, [.int(after)])
            if rows.count == 0 { return (found, others) }
            for row in 0..<rows.count {
                guard let id = rows.int(row, 0), let sealed = rows.bytes(row, 1) else { continue }
                after = id
                // One that cannot be opened is nobody's to read.
                if let raw = try? protection.open(sealed), finds(in: raw) { found.append(id) } else { others += 1 }
            }
        }
    }
}
