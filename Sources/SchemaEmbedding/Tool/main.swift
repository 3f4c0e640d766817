import Foundation

// usage: SchemaEmbedder ROOT OUTPUT FILE...
// Writes one Swift file that holds every FILE as a raw string, keyed by its path below ROOT.

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("SchemaEmbedder: \(message)\n".utf8))
    exit(1)
}

let arguments = CommandLine.arguments
guard arguments.count >= 3 else { fail("usage: SchemaEmbedder ROOT OUTPUT FILE...") }
let root = arguments[1].hasSuffix("/") ? arguments[1] : arguments[1] + "/"

/// A delimiter with more `#` than any run of them after a quotation mark in the text.
func delimiter(for text: String) -> String {
    var hashes = "#"
    while text.contains("\"\"\"" + hashes) || text.contains("\\" + hashes) { hashes += "#" }
    return hashes
}

let numbers = Dictionary(grouping: arguments.dropFirst(3).filter { $0.contains("/migrations/") }) { path in
    path.split(separator: "/").last.map { String($0.prefix(4)) } ?? ""
}
if let twice = numbers.values.first(where: { $0.count > 1 }) {
    fail("two migrations have one number: \(twice.joined(separator: ", ")). Give the newer one the next number.")
}

var source = "/// Every file of the contract, by its path below Schemas. Written by SchemaEmbedder.\n"
source += "let embeddedFiles: [(path: String, text: String)] = [\n"
for path in arguments.dropFirst(3) {
    guard path.hasPrefix(root) else { fail("\(path) is not below \(root)") }
    guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
        fail("\(path): not readable as UTF-8")
    }
    let hashes = delimiter(for: text)
    // The compiler would take a carriage return out of a line's end.
    let lines = text.replacingOccurrences(of: "\r", with: "\\\(hashes)r", options: .literal)
    source += "(\"\(path.dropFirst(root.count))\", \(hashes)\"\"\"\n\(lines)\n\"\"\"\(hashes)),\n"
}
source += "]\n"
do {
    try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
} catch {
    fail("\(arguments[2]): \(error.localizedDescription)")
}
